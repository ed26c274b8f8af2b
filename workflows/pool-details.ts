import { holderOf, stepOf, type GpuPoolState, type LeasedModel } from '../src/gpu-pool.js';

// Pure: the Markdown that the Temporal UI shows of the pool; a list needs a blank line before it.

const LONGEST_LIST = 20;

const who = (use: string): string => `${holderOf(use)} (${stepOf(use)})`;

function modelLine({ model, gpus, state, users, idleSince }: LeasedModel): string {
  const idle = idleSince === null ? '' : `idle since ${new Date(idleSince).toISOString()}`;
  return `- ${model}: ${gpus} GPUs, ${state}${users.length > 0 ? ` for ${users.map(who).join(', ')}` : ` · ${idle}`}`;
}

/** Who holds GPUs and why, and who waits for how many. */
export function poolDetails({ totalGpus, inUse, census, models, trainings, queue }: GpuPoolState): string {
  const waiting = queue.map(
    ({ use, gpus, models: needed }) => `- waits for ${gpus} GPUs: ${[who(use), ...needed].join(' · ')}`,
  );
  const more = waiting.length - LONGEST_LIST;
  return [
    `**${inUse} of ${totalGpus ?? 'unlimited'} GPUs in use**${census ? ', asking everybody what they hold' : ''}`,
    '',
    ...models.map(modelLine),
    ...trainings.map(({ use, gpus }) => `- training: ${gpus} GPUs for ${who(use)}`),
    ...waiting.slice(0, LONGEST_LIST),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ].join('\n');
}
