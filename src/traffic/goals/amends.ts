import { REFUND_LIMIT } from '../policy.js';
import type { Order } from '../shop.js';
import type { Visit } from '../visit.js';
import { WISHES } from '../wishes.js';
import { sendReplacement } from './products.js';

/** What a customer wants instead of goods that are lost or damaged; `open` where they have not said. */
type Amends = keyof typeof WISHES.damaged;

const AMENDS: readonly Amends[] = ['open', 'money', 'goods'];
const PLACES = ['Salzburg', 'Munich', 'Basel', 'Leipzig'];
const KEEPERS = ['a neighbour', 'the caretaker', 'the bakery next door'];

export function damaged(visit: Visit): void {
  const order = visit.orderIn('delivered');
  const amends = visit.dice.pick(AMENDS);
  visit.shows(order, WISHES.damaged[amends]);
  makeAmends(visit, order, amends, 'I am sorry that it came damaged.');
}

export function tracking(visit: Visit): void {
  const order = visit.orderIn('shipped', 'shipped', 'processing', 'delivered');
  const amends = visit.dice.pick(AMENDS);
  visit.shows(order, WISHES.tracking[amends]);
  if (order.state === 'processing')
    return visit.talk.say(`Order ${order.id} is still being packed and will leave us within two days.`);
  if (findsParcel(visit, order)) return;
  makeAmends(visit, order, amends, 'I am sorry, the parcel is lost.');
}

/** Some give the parcel's number at once, so that the order is looked up only when something has to be done about it. */
export function trackingByNumber(visit: Visit): void {
  const order = visit.newOrder('shipped');
  visit.wishes(WISHES.parcel, { tracking: order.trackingNumber });
  if (findsParcel(visit, order)) return;
  visit.identifies(order, 'I am sorry, the parcel is lost.');
  visit.lookUp(order);
  makeAmends(visit, order, 'open', 'Thank you.');
}

/** Says where a parcel is; false when it is lost. */
function findsParcel({ talk, dice }: Visit, order: Order): boolean {
  const track = (scan: object): void =>
    talk.call('track_parcel', { tracking_number: order.trackingNumber }, scan);
  if (order.state === 'delivered') {
    const keeper = dice.pick(KEEPERS);
    track({ status: 'handed over', to: keeper });
    talk.say(`Your parcel was left with ${keeper}.`);
    order.state = 'closed';
    return true;
  }
  const place = dice.pick(PLACES);
  const isLost = dice.chance(0.45);
  const days = dice.between(2, 5);
  track(
    isLost ? { status: 'lost', last_seen: place } : { status: 'in transit', at: place, days_to_go: days },
  );
  if (!isLost) talk.say(`Your parcel is in ${place} and should arrive in ${days} days.`);
  return !isLost;
}

/** Money, or the same product once more if there is one; the customer chooses. */
function makeAmends(visit: Visit, order: Order, amends: Amends, words: string): void {
  const { talk, dice } = visit;
  if (amends === 'open') {
    talk.say(`${words} Would you like your money back, or the ${order.product.name} once more?`);
    const choice = dice.pick(['money', 'goods'] as const);
    visit.replies(choice);
    return makeAmends(visit, order, choice, words);
  }
  order.state = 'closed';
  if (amends === 'money') return refund(visit, order, 'I am sorry about that.');
  if (!sendReplacement(visit, order, order.product)) refund(visit, order, 'I am sorry, that is sold out.');
}

function refund(visit: Visit, { id, total }: Order, words: string): void {
  const isApproved = total <= REFUND_LIMIT;
  const result = isApproved ? { refunded: total } : { error: 'needs_approval' };
  visit.talk.call('issue_refund', { order_id: id, amount: total }, result);
  if (isApproved) return visit.talk.say(`${words} I have refunded ${total} euros for order ${id}.`);
  visit.handsOver(
    'refund',
    `${words} A refund of ${total} euros needs a colleague, who will be with you soon.`,
  );
}
