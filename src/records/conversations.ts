import { areSeveralSessions, belonging } from './belonging.js';
import type { Digests } from './digests.js';
import { BY_NEXT, BY_SYSTEM, divide, type Division } from './divide.js';
import type { Groups } from './groups.js';

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
/** Sessions are told apart for certain: more of the records are not kept together for what some of them share. */
const LARGE_SHARE_OF_SESSIONS = 0.05;

/**
 * Tells conversations apart: by session and by their beginning, so that what one of them asks is in no other. Where
 * suspiciously many records belong together by that, their beginnings are taken for those of several conversations that
 * begin alike. Digests of which others are wanted, such as duplicates, are in no group but tell what belongs together.
 */
export function groupByConversation(digests: Digests, records: Uint32Array): Conversations {
  const { all, isWanted } = withOthers(digests, records);
  const isLargerThan = (share: number, group: Uint32Array) => {
    const most = Math.max(1, records.length * share);
    return group.length > most && group.filter(isWanted).length > most;
  };
  const isTooLarge = (group: Uint32Array) =>
    isLargerThan(LARGE_SHARE, group) ||
    (isLargerThan(LARGE_SHARE_OF_SESSIONS, group) && areSeveralSessions(digests, group));

  const aside = new Set<number>();
  const warnings: string[] = [];
  const whole = belonging(digests, all);
  let isDivided = false;
  for (const group of whole) {
    if (!isTooLarge(group)) continue;
    const isSuspicious = isLargerThan(LARGE_SHARE, group);
    // Sessions of one step are no proof that system prompts are steady: so only with a warning.
    const from = isSuspicious ? BY_SYSTEM : BY_NEXT;
    const division = divide(digests, group, isTooLarge, isWanted, from);
    isDivided ||= division !== null;
    division?.ended.forEach((record) => aside.add(record));
    if (isSuspicious)
      warnings.push(remark(digests, group.filter(isWanted), records.length, division, isWanted));
  }
  const groups = isDivided
    ? belonging(
        digests,
        all.filter((record) => !aside.has(record)),
      )
    : whole;
  return {
    groups: all.length === records.length ? groups : groups.only(isWanted),
    openings: Uint32Array.from(aside).filter(isWanted).sort(digests.compareIds),
    warnings,
  };
}

/** The records, and behind them all others that there are digests of. */
function withOthers(digests: Digests, records: Uint32Array) {
  const wanted = new Uint8Array(digests.length);
  for (const record of records) wanted[record] = 1;
  const all = new Uint32Array(digests.length);
  all.set(records);
  let end = records.length;
  for (let record = 0; record < all.length; record++) if (wanted[record] === 0) all[end++] = record;
  return { all, isWanted: (record: number) => wanted[record] === 1 };
}

function remark(
  digests: Digests,
  group: Uint32Array,
  records: number,
  division: Division | null,
  isWanted: (record: number) => boolean,
): string {
  const size = `${Math.round((group.length / records) * 100)} % of the records (${group.length})`;
  const ended = division?.ended.filter(isWanted).length ?? 0;
  if (areSeveralSessions(digests, group)) {
    const found = `Conversations that begin alike hold ${size}`;
    if (division === null) return `${found}: nothing tells them apart, so that they stay together`;
    const apart = division.by === 'system' ? `, ${toldApart(division)}` : '';
    return `${found}: taken for ${division.parts}${apart}${ended === 0 ? '' : `; what they share (${ended}) is only trained on`}`;
  }
  const found = `One conversation holds ${size}`;
  if (division === null)
    return group.some(digests.isSession) ? found : `${found}; log a session_id to tell conversations apart`;
  const rest = ended === 0 ? '' : `; its ${ended} shortest are only trained on`;
  return `${found}: taken for ${division.parts} that begin alike, ${toldApart(division)}${rest}. Log a session_id to be sure`;
}

const toldApart = ({ by }: Division): string =>
  `told apart by their ${by === 'system' ? 'system prompts' : 'next messages from outside'}`;
