import type { AppendResult, LogStore } from '../../stores/log-store.js';
import { records as counted } from '../../metrics.js';
import type { LogItem } from './log-items.js';

const BATCH_ITEMS = 500;
/** Of the body; what is made of it in memory is some times more. */
export const BATCH_BYTES = 4_000_000;

/**
 * Appends the items batch by batch, while they come; `store` is told up to where of the body. `kept` is what has become of
 * them at each moment, also when the body breaks or the store fails; then what came whole before a break is kept.
 */
export async function keepItems(
  items: AsyncIterable<LogItem>,
  logs: Pick<LogStore, 'append'>,
  kept: AppendResult,
  store: (upTo: number) => void,
): Promise<void> {
  let batch: LogItem[] = [];
  let bytes = 0;
  const flush = async () => {
    const full = batch;
    batch = [];
    bytes = 0;
    await appendBatch(full, logs, kept);
    const last = full.at(-1);
    if (last) store(last.at + last.bytes);
  };
  try {
    for await (const item of items) {
      batch.push(item);
      bytes += item.bytes;
      if (batch.length === BATCH_ITEMS || bytes >= BATCH_BYTES) await flush();
    }
  } finally {
    await flush();
  }
}

async function appendBatch(batch: LogItem[], logs: Pick<LogStore, 'append'>, kept: AppendResult) {
  const records = batch.flatMap((item) => ('value' in item ? [item] : []));
  const { appended, duplicates, errors } =
    records.length > 0 ? await logs.append(records.map(({ value }) => value)) : NOTHING;
  kept.appended += appended;
  kept.duplicates += duplicates;
  const unread = batch.flatMap((item) => {
    if (!('reason' in item)) return [];
    const { index, reason, code } = item;
    return [{ index, reason, ...(code && { code }) }];
  });
  const refused = errors.map(({ index, reason }) => ({ index: records[index]?.index ?? index, reason }));
  counted.inc({ outcome: 'appended' }, appended);
  counted.inc({ outcome: 'duplicate' }, duplicates);
  counted.inc({ outcome: 'rejected' }, unread.length + refused.length);
  kept.errors.push(...[...unread, ...refused].sort((a, b) => a.index - b.index));
}

const NOTHING: AppendResult = { appended: 0, duplicates: 0, errors: [] };
