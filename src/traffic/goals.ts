import type { Conversation } from './conversation.js';
import type { Dice } from './dice.js';
import { POLICY_QUESTIONS, REASON_WORDS, utter, WISHES } from './phrases.js';
import { aProduct, aVoucher, anAddress, anOrder, type Order, type OrderState, shown } from './shop.js';

/** What a customer comes for, and what the agent does about it by the shop's policy. */
type Goal = (talk: Conversation, dice: Dice) => void;

/**
 * The customer's wish about an order, and the agent's way to that order: some do not give its number and are asked,
 * some know only their e-mail address.
 */
function askAbout(
  talk: Conversation,
  dice: Dice,
  order: Order,
  wish: string,
  slots: Record<string, string>,
): void {
  const known = dice.chance(0.7);
  const text = utter(dice, wish, {
    ...slots,
    product: order.product.name,
    order: known ? order.id : 'my order',
  });
  talk.user(text.replaceAll('order my order', 'my order'));
  if (!known) {
    talk.say('I am happy to help. What is your order number, or the e-mail address you ordered with?');
    if (dice.chance(0.5))
      talk.user(
        utter(dice, dice.pick(['it is {order}', 'number {order}', '{order} is on the mail']), {
          order: order.id,
        }),
      );
    else {
      talk.user(
        utter(dice, dice.pick(['I only have my mail, {email}', 'my address is {email}', '{email}']), {
          email: order.email,
        }),
      );
      talk.call('find_customer', { email: order.email }, { email: order.email, orders: [order.id] });
    }
  }
  talk.call('get_order', { order_id: order.id }, shown(order));
}

const orderIn = (dice: Dice, ...states: OrderState[]): Order => anOrder(dice, dice.pick(states));

const track: Goal = (talk, dice) => {
  const order = orderIn(dice, 'shipped', 'shipped', 'processing', 'lost');
  askAbout(talk, dice, order, dice.pick(WISHES.track), {});
  if (order.state === 'processing')
    return talk.say(`Order ${order.id} is still being packed and will leave us within two days.`);
  const lost = order.state === 'lost';
  const days = dice.between(1, 4);
  const place = dice.pick(['Salzburg', 'Munich', 'Basel', 'Leipzig']);
  const scan = lost
    ? { status: 'lost', last_seen: place }
    : { status: 'in transit', at: place, days_to_go: days };
  talk.call('track_parcel', { tracking_number: order.trackingNumber }, scan);
  if (!lost) return talk.say(`Your parcel is in ${place} and should arrive in ${days} days.`);
  refund(talk, order);
};

function refund(talk: Conversation, order: Order): void {
  talk.call('issue_refund', { order_id: order.id, amount: order.total }, { refunded: order.total });
  talk.say(`I am sorry about that. I have refunded ${order.total} euros for order ${order.id}.`);
}

const damaged: Goal = (talk, dice) => {
  const order = orderIn(dice, 'delivered');
  askAbout(talk, dice, order, dice.pick(WISHES.damaged), {});
  refund(talk, order);
};

const returning: Goal = (talk, dice) => {
  const order = orderIn(dice, 'delivered', 'delivered', 'shipped');
  const reason = dice.pick(Object.keys(REASON_WORDS));
  const words = dice.pick(REASON_WORDS[reason] ?? []);
  askAbout(talk, dice, order, dice.pick(WISHES.returning), { reason: words });
  if (order.state === 'shipped')
    return talk.say(
      `Order ${order.id} is on its way to you. Once it has arrived, you can return it within 30 days.`,
    );
  if (order.deliveredDaysAgo > 30)
    return talk.say(
      `Order ${order.id} was delivered ${order.deliveredDaysAgo} days ago, and returns end after 30 days. I am sorry.`,
    );
  talk.call('start_return', { order_id: order.id, reason }, { label: 'sent', order_id: order.id });
  talk.say(`The return of order ${order.id} is registered; you will find the label in your mail.`);
};

/** Both are possible only until the order is shipped; now and then the tool refuses because it has just left. */
function untilShipped(
  talk: Conversation,
  dice: Dice,
  order: Order,
  step: { tool: string; args: Record<string, unknown>; done: string },
): void {
  if (order.state !== 'processing')
    return talk.say(`Order ${order.id} is ${order.state} already, so that is not possible any more.`);
  if (dice.chance(0.15)) {
    talk.call(step.tool, step.args, {
      error: 'order_already_shipped',
      tracking_number: order.trackingNumber,
    });
    return talk.say(
      `I was too late: order ${order.id} has just been shipped. You can return it once it has arrived.`,
    );
  }
  talk.call(step.tool, step.args, { ok: true, order_id: order.id });
  talk.say(step.done);
}

const cancelling: Goal = (talk, dice) => {
  const order = orderIn(dice, 'processing', 'processing', 'shipped');
  askAbout(talk, dice, order, dice.pick(WISHES.cancelling), {});
  const done = `Order ${order.id} is cancelled; the ${order.total} euros go back to you.`;
  untilShipped(talk, dice, order, { tool: 'cancel_order', args: { order_id: order.id }, done });
};

const moving: Goal = (talk, dice) => {
  const order = orderIn(dice, 'processing', 'processing', 'shipped');
  const address = anAddress(dice);
  askAbout(talk, dice, order, dice.pick(WISHES.moving), { address });
  const done = `Done: order ${order.id} will go to ${address}.`;
  untilShipped(talk, dice, order, { tool: 'change_address', args: { order_id: order.id, address }, done });
};

const buying: Goal = (talk, dice) => {
  const product = aProduct(dice);
  talk.user(utter(dice, dice.pick(WISHES.buying), { product: product.name }));
  const found = dice.chance(0.85);
  talk.call(
    'search_products',
    { query: product.name },
    { products: found ? [{ product_id: product.id, name: product.name, price: product.price }] : [] },
  );
  if (!found) return talk.say(`I could not find a ${product.name} in our catalogue.`);
  talk.call('check_stock', { product_id: product.id }, { product_id: product.id, stock: product.stock });
  if (product.stock > 0)
    talk.say(`Yes: the ${product.name} costs ${product.price} euros, and ${product.stock} are in stock.`);
  else talk.say(`The ${product.name} is sold out at the moment.`);
};

const voucher: Goal = (talk, dice) => {
  const order = orderIn(dice, 'processing', 'processing', 'delivered');
  const code = aVoucher(dice);
  askAbout(talk, dice, order, dice.pick(WISHES.voucher), { code });
  if (order.state !== 'processing')
    return talk.say(`Order ${order.id} is closed, and vouchers apply to open orders only.`);
  const expired = dice.chance(0.2);
  talk.call(
    'apply_voucher',
    { order_id: order.id, code },
    expired ? { error: 'voucher_expired' } : { ok: true, order_id: order.id },
  );
  talk.say(expired ? `I am sorry, ${code} has expired.` : `${code} is taken off order ${order.id}.`);
};

const invoice: Goal = (talk, dice) => {
  const order = orderIn(dice, 'delivered', 'shipped');
  askAbout(talk, dice, order, dice.pick(WISHES.invoice), { email: order.email });
  talk.call('send_invoice', { order_id: order.id, email: order.email }, { ok: true });
  talk.say(`The invoice of order ${order.id} is on its way to ${order.email}.`);
};

const human: Goal = (talk, dice) => {
  const [topic, wish] = dice.pick(WISHES.human);
  talk.user(utter(dice, wish));
  talk.call('escalate_to_human', { topic }, { queued: true });
  talk.say('A colleague of mine takes over and will be with you in a moment.');
};

const policy: Goal = (talk, dice) => {
  const [question, answer] = dice.pick(POLICY_QUESTIONS);
  talk.user(utter(dice, question));
  talk.say(answer);
};

export const GOALS: readonly Goal[] = [
  track,
  track,
  damaged,
  returning,
  returning,
  cancelling,
  moving,
  buying,
  buying,
  voucher,
  invoice,
  human,
  policy,
];
