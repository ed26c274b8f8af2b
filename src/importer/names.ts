import type { Names } from './format.js';
import { type Fields, firstOf, isText } from './values.js';

interface NamedRecord {
  workload_id: string | undefined;
  client_id: string | undefined;
}

/**
 * The names of a record: its own `workload_id` and `client_id` in one of the places, else what the user asked for, else
 * what the log calls something similar.
 */
export function namesOf(places: Fields[], asked: Names, similar: Fields = {}): NamedRecord {
  const name = (own: string, given: string | undefined, hint: unknown): string | undefined =>
    [...places.map((place) => place[own]), given, hint].find(isText);
  return {
    workload_id: name('workload_id', asked.workload, similar['workload']),
    client_id: name('client_id', asked.client, similar['client']),
  };
}

const SESSION_KEYS = [
  'session_id',
  'conversation_id',
  'thread_id',
  'sessionId',
  'conversationId',
  'threadId',
];

/** The application's own name of the conversation, from the first place that has one. */
export const sessionOf = (...places: Fields[]): unknown =>
  places.map((place) => firstOf(place, ...SESSION_KEYS)).find(isName);

/** Also a number, marked or not. */
const isName = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value !== '');
