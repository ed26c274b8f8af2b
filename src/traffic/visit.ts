import type { Conversation } from './conversation.js';
import type { Dice } from './dice.js';
import { REPLIES, SIGNED } from './phrases.js';
import { anEmail, anOrder, type Order, type OrderState, shown } from './shop.js';
import { CLOSINGS, CONNECTORS, inOneText, OPENINGS, utter } from './utter.js';

/** One customer's visit: what is said, which order it is about, and what the agent has looked up so far. */
export class Visit {
  readonly dice: Dice;
  readonly talk: Conversation;
  readonly email: string;
  /** Nobody is there any more to answer. */
  isOver = false;
  private current: Order | undefined;
  private readonly lookedUp = new Set<Order>();

  constructor(dice: Dice, talk: Conversation) {
    this.dice = dice;
    this.talk = talk;
    this.email = anEmail(dice);
  }

  /** Of the order that the visit is about; undefined before there is one. */
  get state(): OrderState | undefined {
    return this.current?.state;
  }

  /** An order in one of these states: mostly the one that the visit is about already, where it is in one. */
  orderIn(...states: OrderState[]): Order {
    if (this.current && states.includes(this.current.state) && this.dice.chance(0.9)) return this.current;
    return this.newOrder(...states);
  }

  newOrder(...states: OrderState[]): Order {
    return anOrder(this.dice, this.dice.pick(states));
  }

  /** The customer says what they want; only the first words of a visit greet. */
  wishes(wish: readonly string[], slots: Record<string, string> = {}): void {
    const { dice, talk } = this;
    const opening = dice.pick(talk.turns === 0 ? OPENINGS : CONNECTORS);
    const text = utter(dice, dice.pick(wish), slots);
    talk.user([opening, inOneText(text, dice.pick(CLOSINGS))].join(' ').trimStart());
  }

  replies(kind: keyof typeof REPLIES, slots: Record<string, string> = {}): void {
    this.talk.user(utter(this.dice, this.dice.pick(REPLIES[kind]), slots));
  }

  /** The agent says what it is about to do, or offers something, and the customer says yes or no. */
  agreesTo(question: string): boolean {
    this.talk.say(question);
    const agrees = this.dice.chance(0.85);
    this.replies(agrees ? 'yes' : 'no');
    if (!agrees) this.talk.say('No problem, then I leave it as it is.');
    return agrees;
  }

  /** A wish about an order, after which the agent has its number. */
  names(order: Order, wish: readonly string[], slots: Record<string, string> = {}): void {
    const { dice, email } = this;
    const isCurrent = order === this.current;
    this.current = order;
    // Whoever comes to speak of a second order knows its number.
    const isNamed = isCurrent || this.talk.turns > 0 || dice.chance(0.5);
    const number = [order.id, `order ${order.id}`];
    const words = isCurrent ? [...number, 'that order', 'this order'] : isNamed ? number : ['my order'];
    const filled = { product: order.product.name, email, ...slots, order: dice.pick(words) };
    const hasEmail = slots['email'] !== undefined;
    const isSigned = !isNamed && !hasEmail && dice.chance(0.4);
    this.wishes(isSigned ? wish.map((each) => inOneText(each, dice.pick(SIGNED))) : wish, filled);
    if (isNamed) return;
    // With an address there is nothing to ask for.
    if (isSigned || hasEmail) this.findsCustomer(order, email);
    else this.identifies(order, 'I am happy to help.');
  }

  /** A wish about an order, after which the agent knows the order. */
  shows(order: Order, wish: readonly string[], slots: Record<string, string> = {}): void {
    this.names(order, wish, slots);
    this.lookUp(order);
  }

  /** Nothing is looked up twice. */
  lookUp(order: Order): void {
    if (this.knows(order)) return;
    this.talk.call('get_order', { order_id: order.id }, shown(order));
    this.lookedUp.add(order);
  }

  knows(order: Order): boolean {
    return this.lookedUp.has(order);
  }

  /** Asked for an order, the customer gives its number or an e-mail address. */
  identifies(order: Order, words: string): void {
    this.talk.say(`${words} What is your order number, or the e-mail address you ordered with?`);
    if (this.dice.chance(0.5)) return this.replies('number', { order: order.id });
    // Some have several addresses.
    const email = this.dice.chance(0.8) ? this.email : anEmail(this.dice);
    this.replies('email', { email });
    this.findsCustomer(order, email);
  }

  /** Looks for the order by an address, which may be an unknown one, or lead to more than one order. */
  private findsCustomer(order: Order, email: string): void {
    const { talk, dice } = this;
    if (email !== this.email) {
      talk.call('find_customer', { email }, { error: 'no_such_customer' });
      talk.say(`I find nobody with the address ${email}. Do you have the order number, perhaps?`);
      return this.replies('number', { order: order.id });
    }
    const others = dice.chance(0.4) ? [this.newOrder('delivered').id] : [];
    talk.call('find_customer', { email }, { email, orders: [order.id, ...others] });
    if (others.length === 0) return;
    talk.say(`Thank you. There are two orders, ${order.id} and ${others[0]}. Which one is it?`);
    this.replies('number', { order: order.id });
  }

  handsOver(topic: string, words: string): void {
    this.talk.call('escalate_to_human', { topic }, { queued: true });
    this.talk.say(words);
    this.isOver = true;
  }
}
