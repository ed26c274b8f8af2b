import { z } from 'zod';
import { isStopping, unavailable } from '../errors.js';
import { json, operation, passing } from '../operation.js';
import type { GatewayContext } from '../services.js';
import { sharedAnswer } from '../shared-answer.js';
import { askTemporal } from '../temporal-call.js';

const LIMIT_MS = 3_000;
/** Anybody may ask, as often as they like: what the gateway stands on must not notice. */
const SHARED_MS = 1_000;

/** `GET /ready`: Temporal, the stores and NeMo answer; a 503 names what does not and what to do. */
export const ready = operation(
  {
    id: 'ready',
    tag: 'operation',
    summary: 'Whether Temporal, the stores and NeMo answer',
    answers: {
      200: json('They do', z.object({ status: z.literal('ready') })),
      503: passing('One does not: which, and what to do'),
    },
  },
  (context) => {
    const missing = sharedAnswer(() => whatIsMissing(context), SHARED_MS);
    return async (_request, response) => {
      if (context.stopping.aborted) throw isStopping();
      const reasons = await missing();
      if (reasons.length > 0) throw unavailable(reasons.join(' '));
      response.json({ status: 'ready' });
    };
  },
);

/** A reason for each part that does not answer. */
async function whatIsMissing(context: GatewayContext): Promise<string[]> {
  const { logs, runs, config, platform } = context;
  const late = LATE[config.services.store.kind];
  const answers = await Promise.allSettled([
    pingTemporal(context),
    inTime(late, logs.ping()),
    inTime(late, runs.ping()),
    ...platform.map((ping) => inTime(LATE_PLATFORM, ping())),
  ]);
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [wordsOf(answer.reason)] : []));
  return [...new Set(reasons)];
}

const pingTemporal = ({ temporal }: GatewayContext) =>
  askTemporal(
    temporal,
    () => temporal.workflowService.describeNamespace({ namespace: temporal.options.namespace }),
    LIMIT_MS,
  );

const LATE = {
  elasticsearch:
    'Elasticsearch does not answer: check that it runs and that ELASTICSEARCH_URL is its address.',
  duckdb: 'The embedded store does not answer: the disk or the memory of this machine may be exhausted.',
};

const LATE_PLATFORM =
  'NeMo does not answer: check NEMO_BASE_URL, NIM_BASE_URL and DATASTORE_BASE_URL. Runs wait for it.';

async function inTime(late: string, ping: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(late)), LIMIT_MS);
  });
  await Promise.race([ping, timeout]).finally(() => clearTimeout(timer));
}

const wordsOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
