import { holderOf, stepOf, type GpuPoolState, type LeasedModel } from '../src/gpu-pool.js';

// Pure: the Markdown that the Temporal UI shows of the pool; a list needs a blank line before it.

const LONGEST_LIST = 20;

/** The first of them, each in its line, and how many more there are. */
function some<T>(all: readonly T[], line: (one: T) => string): string[] {
  const more = all.length - LONGEST_LIST;
  return [...all.slice(0, LONGEST_LIST).map(line), ...(more > 0 ? [`and ${more} more`] : [])];
}

const who = (use: string): string => `${holderOf(use)} (${stepOf(use)})`;

function modelLine({ model, gpus, state, users, idleSince }: LeasedModel): string {
  const idle = idleSince === null ? '' : `idle since ${new Date(idleSince).toISOString()}`;
  const how = users.length > 0 ? ` for ${some(users, who).join(', ')}` : ` · ${idle}`;
  return `${model}: ${gpus} GPUs, ${state}${how}`;
}

/** Why it lasts stands there: of its failures, which are repeated, a workflow hears nothing. */
const CENSUS = ', asking everybody what they hold; who does not answer is named under the pending activities';

/** Who holds GPUs and why, and who waits for how many. */
export function poolDetails(pool: GpuPoolState): string {
  const { totalGpus, inUse, census, models, trainings, queue, notTaken } = pool;
  const lists = [
    some(models, modelLine),
    some(trainings, ({ use, gpus }) => `training: ${gpus} GPUs for ${who(use)}`),
    some(
      queue,
      ({ use, gpus, models: needed }) => `waits for ${gpus} GPUs: ${[who(use), ...needed].join(' · ')}`,
    ),
    notTaken > 0 ? [`${notTaken} requests were not taken, as the queue was full: they are sent again`] : [],
  ];
  return [
    `**${inUse} of ${totalGpus ?? 'unlimited'} GPUs in use**${census ? CENSUS : ''}`,
    '',
    ...lists.flat().map((line) => `- ${line}`),
  ].join('\n');
}
