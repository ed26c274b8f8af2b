import { type Digest, isSession } from './digest.js';
import { groupBy } from './group-by.js';

export interface Conversations {
  /** The records of each conversation, in an order that depends on their content alone. */
  groups: Digest[][];
  /**
   * Beginnings that many conversations share: which one they belong to cannot be told. What they answer stands in the
   * history of later records, so they may be learned from but not be evaluated.
   */
  openings: Digest[];
  warnings: string[];
}

/** A conversation that holds more of the records than this is suspicious. */
const LARGE_SHARE = 0.2;

/**
 * Tells conversations apart: by session, else by their opening. An opening that suspiciously many records share is
 * taken for several conversations that begin alike, told apart by what comes next from outside.
 */
export function groupByConversation(records: readonly Digest[]): Conversations {
  const groups = groupBy(records, ({ conversation }) => conversation);
  const openings: Digest[] = [];
  const warnings: string[] = [];
  for (const [key, group] of [...groups]) {
    if (group.length <= records.length * LARGE_SHARE || group.length === 1) continue;
    const divided = divide(group);
    warnings.push(sizeRemark(key, group.length / records.length, group.length, divided));
    if (divided === null) continue;
    groups.delete(key);
    for (const part of divided.parts) groups.set(part[0]?.conversation ?? key, part);
    openings.push(...divided.openings);
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return { groups: sorted.map(([, group]) => group), openings: byId(openings), warnings };
}

interface Divided {
  parts: Digest[][];
  openings: Digest[];
}

/** null: nothing tells its records apart. */
function divide(group: readonly Digest[]): Divided | null {
  const openings = group.filter(({ longerConversation }) => longerConversation === null);
  const longer = group.flatMap((digest) => {
    const { conversation, longerConversation } = digest;
    return longerConversation === null
      ? []
      : [{ ...digest, conversation: `${conversation} ${longerConversation}` }];
  });
  const parts = [...groupBy(longer, ({ conversation }) => conversation).values()];
  return parts.length < 2 ? null : { parts, openings };
}

function sizeRemark(conversation: string, share: number, size: number, divided: Divided | null): string {
  const found = `One conversation holds ${Math.round(share * 100)} % of the records (${size})`;
  if (divided === null)
    return isSession(conversation) ? found : `${found}; log a session_id to tell conversations apart`;
  const { parts, openings } = divided;
  const rest = openings.length === 0 ? '' : `; its ${openings.length} shortest are only trained on`;
  return (
    `${found}: taken for ${parts.length} that begin alike, told apart by the next message of user or tool${rest}. ` +
    'Log a session_id to be sure'
  );
}

const byId = (records: Digest[]): Digest[] => records.sort((a, b) => (a.id < b.id ? -1 : 1));
