import { belonging, isOneSession } from './belonging.js';
import { MOST_LONGER } from './digest.js';
import type { Digests } from './digests.js';
import { Groups } from './groups.js';

/** Records that belong together, and whether they are too many to stay so. */
type IsTooLarge = (records: Uint32Array) => boolean;

export interface Division {
  /** How many groups there are now. */
  parts: number;
  /** Records that end before the message that tells their conversation apart. */
  ended: number[];
  /** What told the groups apart first. */
  by: 'system' | 'next';
}

/**
 * Divides records that belong together by making beginnings that they share longer: first by system prompts, where these
 * are known not to change within a conversation, then by one message from outside after the other. Records that end before
 * it may be in the history of any group, and belong to none. null: nothing tells the records apart.
 */
export function divide(
  digests: Digests,
  whole: Uint32Array,
  isTooLarge: IsTooLarge,
  isWanted: (record: number) => boolean,
  from: number,
): Division | null {
  for (let level = from; level < MOST_LONGER; level++) {
    const before = digests.beginningsOf(whole);
    const ended = new Set(narrow(digests, whole, level));
    const parts = [
      ...belonging(
        digests,
        whole.filter((record) => !ended.has(record)),
      ),
    ];
    const count = parts.filter((part) => part.some(isWanted)).length;
    if (count < 2) {
      digests.restoreBeginnings(whole, before);
      continue;
    }
    const division: Division = {
      parts: count,
      ended: [...ended],
      by: level === BY_SYSTEM ? 'system' : 'next',
    };
    for (const part of parts.filter(isTooLarge)) {
      const further = divide(digests, part, isTooLarge, isWanted, level + 1);
      if (further === null) continue;
      division.parts += further.parts - 1;
      for (const record of further.ended) division.ended.push(record);
    }
    return division;
  }
  return null;
}

/** Comes before the levels of longer beginnings. */
export const BY_SYSTEM = -1;
export const BY_NEXT = 0;

/** Makes beginnings longer, but for those that one session has for itself; says which records have no longer one. */
function narrow(digests: Digests, whole: Uint32Array, level: number): number[] {
  const ended: number[] = [];
  for (const alike of Groups.of(whole, digests.compareBeginnings)) {
    if (isOneSession(digests, alike)) continue;
    if (level === BY_SYSTEM) {
      if (haveSteadySystem(digests, alike)) alike.forEach(digests.narrowBySystem);
      continue;
    }
    for (const record of alike)
      if (digests.hasLonger(record, level)) digests.narrowByLonger(record, level);
      else ended.push(record);
  }
  if (level === BY_SYSTEM) return ended;
  // The same request, which goes on behind each of its answers.
  for (const alike of Groups.of(whole.filter(digests.isBare), digests.compareSystems))
    if (!isOneSession(digests, alike)) for (const record of alike) ended.push(record);
  return ended;
}

/**
 * Whether system prompts tell apart conversations that begin alike. Those that hold the time, say, change within a
 * conversation: so each session must have the same one in its first step and in all that follow, and nothing may go on
 * without a session.
 */
function haveSteadySystem(digests: Digests, alike: Uint32Array): boolean {
  for (const conversation of Groups.of(alike, digests.compareConversations)) {
    const [first = 0] = conversation;
    const goesOn = conversation.some((record) => digests.hasLonger(record));
    if (!digests.isSession(first)) {
      if (goesOn) return false;
      continue;
    }
    if (goesOn && conversation.every((record) => digests.hasLonger(record))) return false;
    if (conversation.some((record) => digests.systemOf(record) !== digests.systemOf(first))) return false;
  }
  return true;
}
