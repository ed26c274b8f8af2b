import { readLogFile } from '../../src/importer/index.js';
import type { CanonicalRecord } from '../../src/records/canonical-record.js';
import { readRecord } from '../../src/records/read-record.js';
import { simulateTraffic, type TrafficOptions } from '../../src/traffic/index.js';

const OPTIONS = { workloadType: 'auto', maxToolProperties: null, parseFunctionArguments: true } as const;

const usable = (raw: unknown): CanonicalRecord[] => {
  const read = readRecord(raw, OPTIONS);
  return 'record' in read ? [read.record] : [];
};

/** The usable records of the demo's simulated traffic. */
export const simulatedRecords = (options: TrafficOptions): CanonicalRecord[] =>
  [...simulateTraffic(options)].flatMap(usable);

/** The usable records of a file in the log format, also gzipped. Rejects when there is none: nothing could be measured. */
export async function recordsOfFile(file: string): Promise<CanonicalRecord[]> {
  const records: CanonicalRecord[] = [];
  for await (const item of readLogFile(file)) if ('value' in item) records.push(...usable(item.value));
  if (records.length === 0) throw new Error(`${file} holds no usable record`);
  return records;
}
