import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { log } from '@temporalio/activity';
import { keyword } from '../src/search-attributes.js';
import { gpusOf } from '../src/gpu-pool.js';
import {
  closeModel,
  gpuAnswer,
  gpuPoolWorkflowId,
  SERVED_MODEL,
  type Letter,
  type ServedModelInput,
} from '../workflows/contract.js';
import type { SendLettersInput, SentLetters } from './contract.js';

/** All are sent by then, in ms, or left to the next time; shorter than the activity may take. */
const DEADLINE_MS = 5_000;

/**
 * Sends letters, those to one receiver in their order; whose receiver is gone counts as acknowledged. One that cannot be
 * sent keeps back those to the same receiver only.
 */
export async function sendLetters(temporal: Client, input: SendLettersInput): Promise<SentLetters> {
  const sent: SentLetters = { acknowledged: [], lost: [] };
  const receivers = [...new Set(input.letters.map(({ to }) => to))];
  const sendAll = () =>
    Promise.all(
      receivers.map((receiver) =>
        sendInOrder(temporal, input, receiver, sent).catch((error: unknown) =>
          log.warn(`No letter reaches ${receiver} now: ${String(error)}`),
        ),
      ),
    );
  await temporal.withDeadline(Date.now() + DEADLINE_MS, sendAll);
  return sent;
}

async function sendInOrder(
  temporal: Client,
  input: SendLettersInput,
  receiver: string,
  sent: SentLetters,
): Promise<void> {
  for (const letter of input.letters.filter(({ to }) => to === receiver)) {
    if (!(await send(temporal, input, letter))) sent.lost.push(letter.to);
    sent.acknowledged.push(letter.id);
  }
}

/** false: its receiver is not there. */
async function send(temporal: Client, input: SendLettersInput, { to, content }: Letter): Promise<boolean> {
  try {
    if (content.kind === 'start') await startServedModel(temporal, input, to, content);
    else if (content.kind === 'close') await temporal.workflow.getHandle(to).signal(closeModel);
    else await temporal.workflow.getHandle(to).signal(gpuAnswer, content);
    return true;
  } catch (error) {
    // Started before: this letter came twice.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return true;
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function startServedModel(
  temporal: Client,
  { taskQueue, timing }: SendLettersInput,
  workflowId: string,
  { lease, need, closing }: Pick<ServedModelInput, 'lease' | 'need' | 'closing'>,
): Promise<void> {
  const input: ServedModelInput = { lease, need, closing, pool: gpuPoolWorkflowId(taskQueue), timing };
  await temporal.workflow.start(SERVED_MODEL, {
    workflowId,
    taskQueue,
    args: [input],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    typedSearchAttributes: [keyword('FlywheelModel', need.model), keyword('FlywheelStatus', 'starting')],
    staticSummary: `${need.model} on ${gpusOf(need)} GPUs`,
  });
}
