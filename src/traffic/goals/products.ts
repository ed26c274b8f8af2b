import { aProduct, type Order, type Product } from '../shop.js';
import type { Visit } from '../visit.js';
import { WISHES } from '../wishes.js';

/** What one wants to know or have of a product: some want the next thing after it. */
const STEPS = ['price', 'stock', 'reserving'] as const;
type Step = (typeof STEPS)[number];

export function buying(visit: Visit): void {
  const product = aProduct(visit.dice);
  const first = visit.dice.pick(STEPS);
  visit.wishes(WISHES[first], { product: `${visit.dice.pick(['the', 'that', 'a'])} ${product.name}` });
  if (!search(visit, product)) return visit.talk.say(`I could not find a ${product.name} in our catalogue.`);
  take(visit, product, first);
}

/** One more of what an order brought: the order says which product that is. */
export function buyingAgain(visit: Visit): void {
  const order = visit.orderIn('delivered', 'delivered', 'shipped');
  visit.shows(order, WISHES.another);
  tellStock(visit, order.product);
}

/** Searches the catalogue; false when it has no such product. */
export function search({ talk, dice }: Visit, { id, name, price }: Product): boolean {
  const isFound = dice.chance(0.85);
  const products = isFound ? [{ product_id: id, name, price }] : [];
  talk.call('search_products', { query: name }, { products });
  return isFound;
}

/** Sends a product for what an order brought or did not bring; false when it is sold out, which the tool says. */
export function sendReplacement({ talk }: Visit, order: Order, { id, name, stock }: Product): boolean {
  const result = stock > 0 ? { ok: true, order_id: order.id } : { error: 'product_sold_out' };
  talk.call('send_replacement', { order_id: order.id, product_id: id }, result);
  if (stock > 0) talk.say(`The ${name} is on its way to you.`);
  return stock > 0;
}

function take(visit: Visit, product: Product, step: Step): void {
  if (step === 'price') return tellPrice(visit, product);
  if (step === 'stock') return tellStock(visit, product);
  reserve(visit, product);
}

/** The price stands in the catalogue. The product is known now, whatever comes next. */
function tellPrice(visit: Visit, product: Product): void {
  visit.talk.say(`The ${product.name} costs ${product.price} euros.`);
  if (visit.dice.chance(0.3)) return;
  const next = visit.dice.pick(['stock', 'reserving'] as const);
  visit.wishes(WISHES[next], { product: visit.dice.pick(['it', 'one', `the ${product.name}`]) });
  take(visit, product, next);
}

function tellStock(visit: Visit, product: Product): void {
  const { talk } = visit;
  talk.call('check_stock', { product_id: product.id }, { product_id: product.id, stock: product.stock });
  if (product.stock === 0) return offerNotice(visit, product);
  const offer = `Yes, there are ${product.stock} of the ${product.name} left. Shall we keep one for you?`;
  if (visit.agreesTo(offer)) reserve(visit, product);
}

/** Needs no look into the stock: it refuses by itself. */
function reserve(visit: Visit, product: Product): void {
  const isThere = product.stock > 0;
  const result = isThere ? { ok: true, days: 3 } : { error: 'product_sold_out' };
  visit.talk.call('reserve_product', { product_id: product.id }, result);
  if (!isThere) return offerNotice(visit, product);
  visit.talk.say(`One ${product.name} waits for you for three days.`);
}

function offerNotice(visit: Visit, product: Product): void {
  const { talk, dice, email } = visit;
  talk.say(
    `The ${product.name} is sold out. Shall I write to you when it is back? Then tell me your e-mail address.`,
  );
  if (dice.chance(0.25)) {
    visit.replies('no');
    return talk.say('No problem. Is there anything else?');
  }
  visit.replies('address', { email });
  talk.call('notify_customer', { product_id: product.id, email }, { ok: true });
  talk.say(`We will write to ${email} as soon as the ${product.name} is back.`);
}
