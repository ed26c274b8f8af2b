import type { Dice } from './dice.js';

export type OrderState = 'processing' | 'shipped' | 'delivered' | 'lost';

export interface Order {
  id: string;
  email: string;
  state: OrderState;
  product: Product;
  total: number;
  trackingNumber: string;
  /** Only of delivered orders. */
  deliveredDaysAgo: number;
}

export interface Product {
  id: string;
  name: string;
  price: number;
  stock: number;
}

const GOODS = [
  'tent',
  'rucksack',
  'rain jacket',
  'sleeping bag',
  'headlamp',
  'stove',
  'hiking boots',
  'thermos',
  'trekking poles',
  'map case',
  'wool socks',
  'water filter',
];
const KINDS = ['Alder', 'Birch', 'Cedar', 'Fjord', 'Heron', 'Juniper', 'Kestrel', 'Larch'];
const FIRST = [
  'anna',
  'ben',
  'carla',
  'david',
  'elif',
  'farid',
  'greta',
  'hugo',
  'ines',
  'jonas',
  'kim',
  'lena',
  'marek',
  'nora',
  'oskar',
  'paula',
];
const LAST = [
  'adler',
  'brandt',
  'costa',
  'diaz',
  'ek',
  'fischer',
  'garcia',
  'holm',
  'ito',
  'jansen',
  'klein',
  'lund',
];
const STREETS = [
  'Mill Lane',
  'Station Road',
  'Hill Street',
  'Garden Way',
  'Harbour Quay',
  'Chapel Close',
  'Market Square',
];
const TOWNS = [
  '4021 Linz',
  '8010 Graz',
  '79098 Freiburg',
  '1050 Vienna',
  '20095 Hamburg',
  '3011 Bern',
  '50667 Cologne',
];

export const aProduct = (dice: Dice): Product => ({
  id: `P${dice.between(100, 999)}`,
  name: `${dice.pick(KINDS)} ${dice.pick(GOODS)}`,
  price: dice.between(12, 340),
  stock: dice.chance(0.35) ? 0 : dice.between(1, 40),
});

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
    email: anEmail(dice),
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
  ...(order.state === 'shipped' || order.state === 'lost' ? { tracking_number: order.trackingNumber } : {}),
  ...(order.state === 'delivered' ? { delivered_days_ago: order.deliveredDaysAgo } : {}),
});
