import { holderOf, servedModelWorkflowId, type ModelNeed, type PoolAnswer } from '../../src/gpu-pool.js';
import type { Lease, Ledger } from './state.js';

// Pure: messages that are still to be sent. They are removed when they are acknowledged, not before.

export type LetterContent =
  | PoolAnswer
  | { kind: 'start'; lease: string; need: ModelNeed; closing: boolean }
  | { kind: 'close'; lease: string };

/** Letters to one receiver go out in their order: a served model hears `close` after it was started. */
export interface Letter {
  id: number;
  /** Workflow id of the receiver. */
  to: string;
  content: LetterContent;
}

function post(ledger: Ledger, to: string, content: LetterContent): void {
  ledger.outbox.push({ id: ++ledger.letters, to, content });
}

export const answer = (ledger: Ledger, content: PoolAnswer): void =>
  post(ledger, holderOf(content.use), content);

export function start(ledger: Ledger, lease: Lease): void {
  const { model, namespace, deployment } = lease;
  const need = { model, namespace, deployment };
  post(ledger, servedModelWorkflowId(model, lease.lease), {
    kind: 'start',
    lease: lease.lease,
    need,
    closing: lease.state === 'closing',
  });
}

export const sendClose = (ledger: Ledger, { model, lease }: Lease): void =>
  post(ledger, servedModelWorkflowId(model, lease), { kind: 'close', lease });

export function acknowledge(ledger: Ledger, ids: readonly number[]): void {
  const known = new Set(ids);
  ledger.outbox = ledger.outbox.filter(({ id }) => !known.has(id));
}

/** Whether the start of this lease's served model is still to be sent. */
export const isStartPending = ({ outbox }: Ledger, { lease }: Lease): boolean =>
  outbox.some(({ content }) => content.kind === 'start' && content.lease === lease);
