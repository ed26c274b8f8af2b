import { anAddress, aVoucher, type Order } from '../shop.js';
import type { Visit } from '../visit.js';
import { WISHES } from '../wishes.js';

export function cancelling(visit: Visit): void {
  const order = visit.orderIn('processing', 'processing', 'shipped');
  visit.names(order, WISHES.cancelling);
  if (isTooLate(visit, order)) return;
  if (!visit.agreesTo(`Then ${order.id} is off for good, and you are paid back. Is that all right?`)) return;
  change(visit, order, 'cancel_order', {}, `Order ${order.id} is cancelled; your money is on its way.`);
  order.state = 'closed';
}

export function moving(visit: Visit): void {
  const order = visit.orderIn('processing', 'processing', 'processing', 'shipped');
  const address = anAddress(visit.dice);
  visit.names(order, WISHES.moving, { address });
  if (isTooLate(visit, order)) return;
  change(visit, order, 'change_address', { address }, `Done: order ${order.id} will go to ${address}.`);
}

export function voucher(visit: Visit): void {
  const order = visit.orderIn('processing', 'processing', 'processing', 'delivered');
  const code = aVoucher(visit.dice);
  visit.names(order, WISHES.voucher, { code });
  if (isTooLate(visit, order)) return;
  change(visit, order, 'apply_voucher', { code }, `${code} is taken off order ${order.id}.`);
}

export function invoice(visit: Visit): void {
  const { talk, email } = visit;
  const order = visit.orderIn('delivered', 'shipped', 'processing', 'closed');
  visit.names(order, WISHES.invoice, { email });
  talk.call('send_invoice', { order_id: order.id, email }, { ok: true });
  talk.say(`The invoice of order ${order.id} is on its way to ${email}.`);
}

const tooLate = (order: Order): string =>
  `I am sorry, order ${order.id} has been shipped, so that is not possible any more.`;

/** What is possible until an order is shipped; the tool refuses it by itself. */
function change(visit: Visit, order: Order, tool: string, args: Record<string, string>, done: string): void {
  const isRefused = order.state !== 'processing';
  const result = isRefused ? { error: 'order_already_shipped' } : { ok: true };
  visit.talk.call(tool, { order_id: order.id, ...args }, { order_id: order.id, ...result });
  visit.talk.say(isRefused ? tooLate(order) : done);
  if (isRefused) order.state = 'closed';
}

/** Where the agent knows the order, it need not try. */
function isTooLate(visit: Visit, order: Order): boolean {
  const isLate = visit.knows(order) && order.state !== 'processing';
  if (isLate) visit.talk.say(tooLate(order));
  return isLate;
}
