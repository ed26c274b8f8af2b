import { REASON_WORDS } from '../phrases.js';
import { anotherFor, type Order } from '../shop.js';
import type { Visit } from '../visit.js';
import { WISHES } from '../wishes.js';
import { search, sendReplacement } from './products.js';

const DAYS_TO_RETURN = 30;

/** Who has no need of a thing does not want another one for it. */
const EXCHANGE_REASONS = Object.keys(REASON_WORDS).filter((reason) => reason !== 'not_needed');

export function returning(visit: Visit): void {
  const order = visit.orderIn('delivered');
  const reason = visit.dice.pick(Object.keys(REASON_WORDS));
  visit.shows(order, WISHES.returning, { reason: inWords(visit, reason) });
  if (refuses(visit, order)) return;
  takeBack(visit, order, reason, 'That is possible and free of charge.');
}

/** Another product for a delivered one; where that cannot be had, the return is what is left. */
export function exchanging(visit: Visit): void {
  const order = visit.orderIn('delivered');
  const other = anotherFor(order.product, visit.dice);
  const reason = visit.dice.pick(EXCHANGE_REASONS);
  visit.shows(order, WISHES.exchanging, { reason: inWords(visit, reason), other: other.name });
  if (refuses(visit, order)) return;
  if (!search(visit, other))
    return takeBack(visit, order, reason, `We do not have the ${other.name} any more.`);
  if (!sendReplacement(visit, order, other))
    return takeBack(visit, order, reason, `The ${other.name} is sold out.`);
  order.state = 'closed';
}

const inWords = ({ dice }: Visit, reason: string): string => dice.pick(REASON_WORDS[reason] ?? []);

function refuses({ talk }: Visit, { id, deliveredDaysAgo: days }: Order): boolean {
  if (days <= DAYS_TO_RETURN) return false;
  talk.say(`Order ${id} was delivered ${days} days ago, and returns end after 30 days. I am sorry.`);
  return true;
}

function takeBack(visit: Visit, order: Order, reason: string, words: string): void {
  const question = `You would bring ${order.id} to any post office, and we pay you back. Is that all right?`;
  if (!visit.agreesTo(`${words} ${question}`)) return;
  visit.talk.call('start_return', { order_id: order.id, reason }, { label: 'sent', order_id: order.id });
  visit.talk.say(`The return of order ${order.id} is registered; you will find the label in your mail.`);
  order.state = 'closed';
}
