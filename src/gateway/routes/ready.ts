import type { RequestHandler } from 'express';
import { unavailable } from '../errors.js';
import type { GatewayContext } from '../services.js';
import { askTemporal } from '../temporal-call.js';

const LIMIT_MS = 3_000;

/** `GET /ready`: Temporal and the stores answer; a 503 names what does not and what to do. */
export const ready =
  (context: GatewayContext): RequestHandler =>
  async (_request, response) => {
    const { logs, runs } = context;
    const answers = await Promise.allSettled([
      pingTemporal(context),
      inTime('log store', logs.ping()),
      inTime('run store', runs.ping()),
    ]);
    const reasons = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [wordsOf(answer.reason)] : [],
    );
    if (reasons.length > 0) throw unavailable([...new Set(reasons)].join(' '));
    response.json({ status: 'ready' });
  };

const pingTemporal = ({ temporal }: GatewayContext) =>
  askTemporal(
    temporal,
    () => temporal.workflowService.describeNamespace({ namespace: temporal.options.namespace }),
    LIMIT_MS,
  );

async function inTime(what: string, ping: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const message = `The ${what} does not answer within ${LIMIT_MS / 1000} s: check that it runs.`;
    timer = setTimeout(() => reject(new Error(message)), LIMIT_MS);
  });
  await Promise.race([ping, late]).finally(() => clearTimeout(timer));
}

const wordsOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
