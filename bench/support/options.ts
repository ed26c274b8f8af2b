import { parseArgs } from 'node:util';
import type { CanonicalRecord } from '../../src/records/canonical-record.js';
import { DEMO_CONVERSATIONS } from '../../src/traffic/index.js';
import { recordsOfFile, simulatedRecords } from '../../test/support/traffic-records.js';

/** The options of a benchmark: `--logs FILE` and `--rows N`. */
export function readOptions(): { logs?: string; rows: number } {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { logs: { type: 'string' }, rows: { type: 'string', default: '1000' } },
  });
  const rows = Number(values.rows);
  if (!Number.isInteger(rows) || rows < 1)
    throw new Error(`--rows ${values.rows} is no whole number above 0`);
  return { rows, ...(values.logs !== undefined && { logs: values.logs }) };
}

/** What `--only` chooses: the one of this name, else those that hold this text. Without any, says all and ends the program. */
export function chosen<T extends string>(names: readonly T[], only: string): T[] {
  const exact = names.filter((name) => name === only);
  const found = exact.length > 0 ? exact : names.filter((name) => name.includes(only));
  if (found.length > 0) return found;
  console.error(
    `--only ${only} is part of none of these names:\n${names.map((name) => `  ${name}`).join('\n')}`,
  );
  process.exit(1);
}

/** The usable records of a file in the log format; without one, what `flywheel demo` simulates. */
export const readRecords = async (logs?: string): Promise<CanonicalRecord[]> =>
  logs === undefined
    ? simulatedRecords({ seed: 1, conversations: DEMO_CONVERSATIONS })
    : await recordsOfFile(logs);

/** The first `count` items, begun again from the first where there are fewer. */
export function exactly<T>(count: number, items: readonly T[]): T[] {
  if (items.length === 0) throw new Error('the logs hold no usable record');
  const times = Math.ceil(count / items.length);
  return Array.from({ length: times }, () => items)
    .flat()
    .slice(0, count);
}
