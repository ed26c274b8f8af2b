import { parseMarked } from '../records/long-numbers.js';
import type { AppendError, AppendResult, LogStore } from '../stores/log-store.js';
import { openStores } from '../stores/index.js';
import type { StoreConfig } from '../config/types.js';
import type { Lines } from './lines.js';

/** Where records go. `owner`: the embedded store, which only the thread that has opened it can use. */
export type TargetSettings =
  | { kind: 'store'; store: Extract<StoreConfig, { kind: 'elasticsearch' }> }
  | { kind: 'gateway'; url: string; key: string | null }
  | { kind: 'owner' };

/** What has become of records. */
export interface Delivered extends AppendResult {
  /** With another key, or on another way to the gateway, they would be taken. */
  notTaken: AppendError[];
}

/** Takes records, each the text of a JSON object; rejects, with words for people, where it takes none. */
export interface Target {
  append(lines: Lines): Promise<Delivered>;
  close(): Promise<void>;
}

/** Records in values, for a store that is opened here. */
export const appendTo = (logs: Pick<LogStore, 'append'>, lines: string[]): Promise<AppendResult> =>
  logs.append(lines.map(parsed));

/** What is no JSON any more, as after a loss of power, is refused like anything else that is no record. */
function parsed(line: string): unknown {
  try {
    return parseMarked(line);
  } catch {
    return null;
  }
}

export async function storeTarget(store: StoreConfig): Promise<Target> {
  const { logs, close } = await openStores(store);
  return { append: async ({ texts }) => ({ ...(await appendTo(logs, texts)), notTaken: [] }), close };
}
