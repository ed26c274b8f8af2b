import { fork } from 'node:child_process';
import { once } from 'node:events';
import { letGoFirst } from './priority.js';
import { type ReaderOrder, Readings } from './reader-messages.js';

const LOOK_MS = 50;

/** Reads jobs at a fixed rate, from a process of its own, until `work` is over; `ids` may grow meanwhile. */
export async function readDuring<T>(
  url: string,
  ids: () => readonly string[],
  perSecond: number,
  work: Promise<T>,
): Promise<{ readings: Readings; result: T }> {
  const child = fork(new URL('./reader-process.ts', import.meta.url), [url, `${perSecond}`], {
    execArgv: [...process.execArgv, '--import', 'tsx'],
    // A session of its own, which is what Linux weighs.
    detached: true,
  });
  letGoFirst(child.pid ?? 0);
  const tell = (order: ReaderOrder) => child.send(order);
  let told = 0;
  const looking = setInterval(() => {
    const known = ids();
    if (known.length > told) tell({ ids: [...known] });
    told = known.length;
  }, LOOK_MS);
  try {
    const result = await work;
    const said = Promise.race([once(child, 'message'), once(child, 'exit')]);
    tell({ end: true });
    const [summary]: unknown[] = await said;
    return { readings: Readings.parse(summary, { error: () => 'the reader ended by itself' }), result };
  } finally {
    clearInterval(looking);
    child.kill();
  }
}
