import { CLIENT_NOT_OF_KEY } from '../../stores/log-store.js';
import { type Caller, isWithin } from '../caller.js';
import type { LogItem } from './log-items.js';

/** The items as the caller may append them: records of other clients are refused one by one. */
export async function* ownItems(caller: Caller, items: AsyncIterable<LogItem>): AsyncGenerator<LogItem> {
  for await (const item of items) yield 'value' in item && !mayAdd(caller, item.value) ? foreign(item) : item;
}

const foreign = ({ index, at, bytes }: LogItem): LogItem => ({
  index,
  at,
  bytes,
  reason: 'this key is not good for its `client_id`',
  code: CLIENT_NOT_OF_KEY,
});

/** What is no record at all is refused by the store, with its reason. */
function mayAdd(caller: Caller, record: unknown): boolean {
  if (typeof record !== 'object' || record === null || !('client_id' in record)) return true;
  return typeof record.client_id !== 'string' || isWithin(caller, record.client_id);
}
