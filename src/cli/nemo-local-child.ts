import { once } from 'node:events';
import type { NemoAddresses } from '../config/types.js';
import type { NemoLocalOptions } from '../nemo-local/index.js';
import { forkModule, lastOutput, stopChild } from './child-process.js';

type Message = { addresses: NemoAddresses } | { problem: string };

/** Starts nemo-local in a process of its own. */
export async function startNemoLocalChild(
  options: NemoLocalOptions,
): Promise<{ addresses: NemoAddresses; stop(): Promise<void> }> {
  const child = forkModule('nemo-local-process', [JSON.stringify(options)]);
  const output = lastOutput(child);
  const message = once(child, 'message').then(([said]) => said as Message);
  const ended = once(child, 'exit').then((): Message => ({ problem: output() || 'it ended at once' }));
  const said = await Promise.race([message, ended]);
  if ('addresses' in said) return { addresses: said.addresses, stop: () => stopChild(child) };
  await stopChild(child);
  throw new Error(said.problem);
}
