import { once } from 'node:events';
import type { NemoAddresses } from '../config/types.js';
import type { NemoLocalOptions } from '../nemo-local/index.js';
import { endOf, forkModule, lastOutput, stopChild } from './child-process.js';
import type { ModelChoice } from './model-options.js';

type Message = { addresses: NemoAddresses } | { problem: string };

/** What a process is told by its arguments: no secret. */
export type ChildOptions = Omit<NemoLocalOptions, 'openAi'> & ModelChoice;

/** Starts nemo-local in a process of its own. */
export async function startNemoLocalChild(
  options: ChildOptions,
): Promise<{ addresses: NemoAddresses; stop(): Promise<void>; ended(): Promise<never> }> {
  const child = forkModule('nemo-local-process', [JSON.stringify(options)]);
  const output = lastOutput(child);
  // nemo-local-process.ts sends nothing else.
  const message = once(child, 'message').then(([said]) => said as Message);
  const said = await Promise.race([message, endOf(child, output)]);
  if ('addresses' in said)
    return { addresses: said.addresses, stop: () => stopChild(child), ended: () => endOf(child, output) };
  await stopChild(child);
  throw new Error(said.problem);
}
