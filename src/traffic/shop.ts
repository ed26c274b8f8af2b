import type { Dice } from './dice.js';
import { FIRST, GOODS, KINDS, LAST, STREETS, TOWNS } from './names.js';

/** `closed`: what the shop had to do about it is done. */
export type OrderState = 'processing' | 'shipped' | 'delivered' | 'closed';

export interface Order {
  id: string;
  state: OrderState;
  product: Product;
  total: number;
  /** Of orders that have left. */
  trackingNumber: string;
  /** Of delivered orders. */
  deliveredDaysAgo: number;
}

export interface Product {
  id: string;
  name: string;
  price: number;
  stock: number;
}

export const aProduct = (dice: Dice, good: string = dice.pick(GOODS)): Product => ({
  id: `P${dice.between(100, 999)}`,
  name: `${dice.pick(KINDS)} ${good}`,
  price: dice.between(12, 340),
  stock: dice.chance(0.35) ? 0 : dice.between(1, 40),
});

/** Another product of the same use: a tent for a tent. */
export function anotherFor(product: Product, dice: Dice): Product {
  const good = product.name.slice(product.name.indexOf(' ') + 1);
  for (;;) {
    const other = aProduct(dice, good);
    if (other.name !== product.name) return other;
  }
}

export const anEmail = (dice: Dice): string =>
  `${dice.pick(FIRST)}.${dice.pick(LAST)}${dice.chance(0.5) ? dice.between(1, 99) : ''}@${dice.pick(['mail.test', 'post.test', 'web.test'])}`;

export const anAddress = (dice: Dice): string =>
  `${dice.pick(STREETS)} ${dice.between(1, 120)}, ${dice.pick(TOWNS)}`;

export const aVoucher = (dice: Dice): string =>
  `${dice.pick(['SUMMER', 'HIKE', 'THANKS', 'WELCOME'])}${dice.pick([5, 10, 15, 20])}`;

export function anOrder(dice: Dice, state: OrderState): Order {
  const product = aProduct(dice);
  return {
    id: `W${dice.between(10000, 99999)}`,
    state,
    product,
    total: product.price + dice.pick([0, 4, 6]),
    trackingNumber: `TRK${dice.between(1000000, 9999999)}`,
    deliveredDaysAgo: dice.chance(0.3) ? dice.between(31, 90) : dice.between(1, 29),
  };
}

/** An order as the tool `get_order` shows it. */
export const shown = (order: Order) => ({
  order_id: order.id,
  state: order.state,
  item: { product_id: order.product.id, name: order.product.name },
  total: order.total,
  ...(order.state === 'processing' ? {} : { tracking_number: order.trackingNumber }),
  ...(order.state === 'delivered' ? { delivered_days_ago: order.deliveredDaysAgo } : {}),
});
