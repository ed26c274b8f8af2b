import { z } from 'zod';
import { messageOf } from '../../message-of.js';
import { callerOrNull } from '../caller.js';
import { stoppingError, unavailable } from '../errors.js';
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
    isOpen: true,
    summary: 'Whether Temporal, the stores and NeMo answer',
    answers: {
      200: json('They do', z.object({ status: z.literal('ready') })),
      503: passing('One does not: which, and what to do'),
    },
  },
  (context) => {
    const missing = sharedAnswer(() => whatIsMissing(context), SHARED_MS);
    return async (request, response) => {
      if (context.stopping.aborted) throw stoppingError();
      const troubles = await missing();
      if (troubles.length > 0)
        throw unavailable(callerOrNull(request) ? reasonsOf(troubles) : namesOf(troubles));
      response.json({ status: 'ready' });
    };
  },
);

/** A part that does not answer. */
interface Trouble {
  part: 'Temporal' | 'the store' | 'NeMo';
  reason: string;
}

async function whatIsMissing(context: GatewayContext): Promise<Trouble[]> {
  const { logs, runs, config, platform } = context;
  const late = LATE[config.services.store.kind];
  const answers = await Promise.all([
    troubleOf('Temporal', pingTemporal(context)),
    troubleOf('the store', inTime(late, logs.ping())),
    troubleOf('the store', inTime(late, runs.ping())),
    ...platform.map((ping) => troubleOf('NeMo', inTime(LATE_PLATFORM, ping()))),
  ]);
  return answers.filter((trouble) => trouble !== null);
}

const troubleOf = (part: Trouble['part'], ping: Promise<unknown>): Promise<Trouble | null> =>
  ping.then(
    () => null,
    (error: unknown) => ({ part, reason: messageOf(error) }),
  );

const reasonsOf = (troubles: Trouble[]): string =>
  [...new Set(troubles.map(({ reason }) => reason))].join(' ');

/** For whoever has no key, where keys are configured: reasons tell addresses. */
const namesOf = (troubles: Trouble[]): string =>
  `No answer of ${[...new Set(troubles.map(({ part }) => part))].join(', ')}: asked with a key, /ready says where and why.`;

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
