import { remember } from './remember.js';
import { parseJson, type JsonValue, type Role, type Turn } from './turn.js';

/** A value that stands somewhere in the conversation, and what stands around it. */
export interface Span {
  value: JsonValue;
  /** The key it stands under in a JSON text, else empty. */
  key: string;
  source: 'words' | 'result' | 'argument';
  role: Role;
  /** The words before it in a sentence, lower case; empty in JSON. */
  before: readonly string[];
}

const MAX_SPANS_OF_MESSAGE = 250;

/** Lists the values of a turn in their order: of its JSON or of its words, then of its calls. */
export function spansOf(turn: Turn): Span[] {
  const spans = spansOfText(`${turn.role}\n${turn.text}`).slice();
  for (const call of turn.calls) collect(call.arguments, '', 'argument', turn.role, spans);
  return spans;
}

const spansOfText = remember(2048, (roleAndText: string): readonly Span[] => {
  const cut = roleAndText.indexOf('\n');
  const role = readRole(roleAndText.slice(0, cut));
  const text = roleAndText.slice(cut + 1);
  const json = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  const spans: Span[] = [];
  if (json === undefined) collectWords(text, role, spans);
  else collect(json, '', 'result', role, spans);
  return spans.slice(0, MAX_SPANS_OF_MESSAGE);
});

function readRole(role: string): Role {
  return role === 'system' || role === 'assistant' || role === 'tool' ? role : 'user';
}

function collect(value: JsonValue, key: string, source: Span['source'], role: Role, into: Span[]): void {
  if (into.length > MAX_SPANS_OF_MESSAGE || value === null) return;
  if (key !== '') into.push({ value, key, source, role, before: [] });
  if (Array.isArray(value))
    for (const item of value) collect(item, key === '' ? 'item' : key, source, role, into);
  else if (typeof value === 'object') {
    for (const [name, item] of Object.entries(value)) collect(item, name, source, role, into);
  }
}

const PHRASE = /\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+){1,2}/gu;
const QUOTED = /"([^"\n]{1,80})"|\*\*([^*\n]{1,80}?)\*\*|“([^”\n]{1,80})”/g;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DATE =
  /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?/gi;

function collectWords(text: string, role: Role, into: Span[]): void {
  const add = (value: JsonValue, at: number): void => {
    into.push({ value, key: '', source: 'words', role, before: wordsBefore(text, at) });
  };
  for (const match of text.matchAll(/[^\s,;()<>{}"“”*]+/g)) {
    const value = readToken(match[0]);
    if (value !== undefined) add(value, match.index);
  }
  for (const match of text.matchAll(PHRASE)) add(match[0], match.index);
  for (const match of text.matchAll(QUOTED)) add(match[1] ?? match[2] ?? match[3] ?? '', match.index);
  for (const match of text.matchAll(DATE)) {
    const month = MONTHS.indexOf((match[1] ?? '').toLowerCase()) + 1;
    add(isoDate(match[3] ?? yearOf(text), month, Number(match[2])), match.index);
  }
}

/** Keeps what looks like a value: names, codes, ids, numbers, addresses. */
function readToken(raw: string): JsonValue | undefined {
  const token = raw.replace(/^[#'‘’`[]+|[.:!?'‘’`\]]+$/g, '');
  const number = token
    .replace(/^[$€£]/, '')
    .replace(/%$/, '')
    .replaceAll(',', '');
  if (/^-?\d+(\.\d+)?$/.test(number)) return Number(number);
  return /[\d_@]|^\p{Lu}/u.test(token) && token.length > 1 ? token : undefined;
}

function wordsBefore(text: string, at: number): readonly string[] {
  const sentence = text.slice(Math.max(0, at - 40), at).toLowerCase();
  return (sentence.match(/[\p{L}\d]+/gu) ?? []).slice(-3);
}

function isoDate(year: string, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** A date without a year gets a mark for it, which the reader of the whole conversation replaces. */
export const UNKNOWN_YEAR = 'YYYY';

function yearOf(text: string): string {
  return /\b20\d\d\b/.exec(text)?.[0] ?? UNKNOWN_YEAR;
}
