import type { Digests } from './digests.js';
import { Groups } from './groups.js';

export interface Conversations {
  /** The records of each conversation, in an order that depends on their content alone. */
  groups: Groups;
  /**
   * Beginnings that many conversations share: which one they belong to cannot be told. What they answer stands in the
   * history of later records, so they may be learned from but not be evaluated.
   */
  openings: Uint32Array;
  warnings: string[];
}

/** A conversation that holds more of the records than this is suspicious. */
const LARGE_SHARE = 0.2;

/**
 * Tells conversations apart: by session, else by their opening. An opening that suspiciously many records share is
 * taken for several conversations that begin alike, told apart by what comes next from outside.
 */
export function groupByConversation(digests: Digests, records: Uint32Array): Conversations {
  const openings: number[] = [];
  const warnings: string[] = [];
  const largest = records.length * LARGE_SHARE;
  for (const group of Groups.of(records, digests.compareConversations)) {
    if (group.length <= largest || group.length === 1) continue;
    const divided = divide(digests, group);
    warnings.push(
      sizeRemark(digests.isSession(group[0] ?? 0), group.length / records.length, group.length, divided),
    );
    if (divided === null) continue;
    for (const part of divided.parts) part.forEach((record) => digests.narrowConversation(record));
    openings.push(...divided.openings);
  }
  const aside = new Set(openings);
  const grouped = aside.size === 0 ? records : records.filter((record) => !aside.has(record));
  return {
    groups: Groups.of(grouped, digests.compareConversations),
    openings: Uint32Array.from(openings).sort(digests.compareIds),
    warnings,
  };
}

interface Divided {
  parts: Groups;
  openings: Uint32Array;
}

/** null: nothing tells its records apart. */
function divide(digests: Digests, group: Uint32Array): Divided | null {
  const longer = group.filter(digests.hasLonger);
  const parts = Groups.of(longer, digests.compareLonger);
  return parts.count < 2 ? null : { parts, openings: group.filter((record) => !digests.hasLonger(record)) };
}

function sizeRemark(isSession: boolean, share: number, size: number, divided: Divided | null): string {
  const found = `One conversation holds ${Math.round(share * 100)} % of the records (${size})`;
  if (divided === null) return isSession ? found : `${found}; log a session_id to tell conversations apart`;
  const { parts, openings } = divided;
  const rest = openings.length === 0 ? '' : `; its ${openings.length} shortest are only trained on`;
  return (
    `${found}: taken for ${parts.count} that begin alike, told apart by the next message of user or tool${rest}. ` +
    'Log a session_id to be sure'
  );
}
