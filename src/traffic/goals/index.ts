import type { OrderState } from '../shop.js';
import type { Visit } from '../visit.js';
import { damaged, tracking, trackingByNumber } from './amends.js';
import { cancelling, invoice, moving, voucher } from './orders.js';
import { buying, buyingAgain } from './products.js';
import { exchanging, returning } from './returns.js';
import { human, question } from './words.js';

/** What a customer comes for, and what the agent does about it by the shop's policy. */
export type Goal = (visit: Visit) => void;

/** As often as each comes up. */
export const GOALS: readonly Goal[] = [
  tracking,
  tracking,
  trackingByNumber,
  damaged,
  damaged,
  returning,
  returning,
  exchanging,
  cancelling,
  cancelling,
  moving,
  moving,
  voucher,
  voucher,
  invoice,
  invoice,
  buying,
  buying,
  buying,
  buyingAgain,
  human,
  human,
  question,
];

/** What comes up about an order that the visit is about already. */
export const FURTHER_GOALS: Readonly<Record<OrderState, readonly Goal[]>> = {
  processing: [cancelling, cancelling, moving, voucher, invoice],
  shipped: [tracking, tracking, buyingAgain, cancelling, moving, invoice],
  delivered: [damaged, returning, exchanging, buyingAgain, invoice],
  closed: [invoice, invoice, buying, moving, voucher, cancelling, tracking, question],
};
