import { type Conversations, groupByConversation } from '../records/conversations.js';
import { joinConversations } from '../records/joined-conversations.js';
import { shinglesOf } from '../records/shingles.js';
import type { NearDuplicates } from '../run-record.js';
import type { RowSource } from './dataset-files.js';

const PROGRESS_EVERY = 100;

/** What belongs together in the split: conversations, and where it is asked for those with near-duplicates. */
export async function conversationsOf(
  { spool, digests, watch }: RowSource,
  records: Uint32Array,
  similarity: number | null,
): Promise<Conversations & { nearDuplicates: NearDuplicates | null; alike: number[] }> {
  const conversations = groupByConversation(digests, records);
  if (similarity === null) return { ...conversations, nearDuplicates: null, alike: [] };
  let compared = 0;
  return await joinConversations(conversations, similarity, async (record) => {
    if (++compared % PROGRESS_EVERY === 0) {
      watch.onProgress({ comparing: compared });
      watch.signal.throwIfAborted();
    }
    return shinglesOf(await spool.read(digests.placeOf(record)));
  });
}
