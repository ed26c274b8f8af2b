import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { type Conversations, groupByConversation } from '../../src/records/conversations.js';
import { joinConversations } from '../../src/records/joined-conversations.js';
import { shinglesOf } from '../../src/records/shingles.js';
import type { NearDuplicates } from '../../src/run-record.js';
import type { RowSource } from '../dataset-files.js';

const HEARTBEAT_EVERY = 100;

/** What belongs together in the split: conversations, and where it is asked for those with near-duplicates. */
export async function conversationsOf(
  { spool, digests }: RowSource,
  records: Uint32Array,
  similarity: number | null,
): Promise<Conversations & { nearDuplicates: NearDuplicates | null }> {
  const conversations = groupByConversation(digests, records);
  if (similarity === null) return { ...conversations, nearDuplicates: null };
  let compared = 0;
  return await joinConversations(conversations, similarity, async (record) => {
    if (++compared % HEARTBEAT_EVERY === 0) {
      heartbeat({ comparing: compared });
      cancellationSignal().throwIfAborted();
    }
    return shinglesOf(await spool.read(digests.placeOf(record)));
  });
}
