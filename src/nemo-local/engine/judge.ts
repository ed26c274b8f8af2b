import { isRecord, parseJson, readCall, readText, type Call, type JsonValue } from './turn.js';
import type { ChatAnswer, ChatRequest } from './types.js';
import { tokensOf } from './words.js';

/**
 * Rates an answer against a reference in the form that the request asks for, and says how it came to it unless a bare
 * number is asked for. Without both it says so, unrated.
 */
export function judge({ messages }: ChatRequest): Pick<ChatAnswer, 'content' | 'toolCalls'> {
  const text = messages.map(({ content }) => readText(content)).join('\n\n');
  const reference = between(text, 'reference') ?? labelled(text, REFERENCE);
  const answer = between(text, 'answer') ?? labelled(text, ANSWER);
  if (reference === undefined || answer === undefined) {
    return inWords('I cannot compare anything: I was not given both a reference and an answer.');
  }
  const instructions = text.replace(/<(reference|answer|conversation)>[^]*?<\/\1>/g, '');
  if (/RATING:\W*[01]\b/.test(instructions)) return inWords(rateCalls(reference, answer));
  const { rating, how } = rateText(reference, answer);
  if (/RATING:/.test(instructions)) return inWords(`${how}\nRATING: ${rating}`);
  const bare = /\b(?:only|nothing else)\b/i.test(instructions);
  return inWords(bare ? String(rating) : `${rating}\n${how}`);
}

/** A whole number from 1 to 10: the likeness of two texts, an equal blend of token F1 and ROUGE-L. */
export function rateText(reference: string, answer: string): { rating: number; how: string } {
  const expected = tokensOf(reference);
  const given = tokensOf(answer);
  const [f1, longest] = [tokenF1(expected, given), rougeL(expected, given)];
  // Wordings of one meaning share about half their tokens: the square root lets them pass the middle of the scale.
  const rating = Math.round(1 + 9 * Math.sqrt((f1 + longest) / 2));
  const likeness = `token F1 ${f1.toFixed(2)}, ROUGE-L ${longest.toFixed(2)}`;
  return {
    rating,
    how: `Reference and answer: ${likeness}; the rating is one plus nine times the root of their mean.`,
  };
}

function rateCalls(reference: string, answer: string): string {
  const expected = readCalls(reference);
  const given = readCalls(answer);
  const isRight = expected.length === given.length && expected.every((call, i) => isSameCall(call, given[i]));
  const names = (calls: Call[]): string => calls.map(({ name }) => name).join(', ') || 'no call';
  const verdict = isRight ? 'the same' : 'different';
  return [
    `The reference has ${names(expected)}, the answer ${names(given)}; compared as JSON, names and arguments are ${verdict}.`,
    `RATING: ${isRight ? 1 : 0}`,
  ].join('\n');
}

/** The last such part counts: a rendered conversation may itself contain the marker. */
function between(text: string, marker: string): string | undefined {
  const end = text.lastIndexOf(`</${marker}>`);
  const start = end < 0 ? -1 : text.lastIndexOf(`<${marker}>`, end);
  return start < 0 ? undefined : text.slice(start + marker.length + 2, end).trim();
}

const REFERENCE =
  /^[#*\s]*(?:(?:reference|expected|ground[ -]truth|correct)(?: \w+){0,2})\**(?::|\s*\n(?=<<<))/gim;
const ANSWER =
  /^[#*\s]*(?:(?:candidate|predicted|actual|model|assistant|agent|generated)(?: \w+){0,2}|answer|response|prediction)\**(?::|\s*\n(?=<<<))/gim;

/** What follows the last such heading, up to a heading of the other kind, without the fence `<<<` … `>>>` around it. */
function labelled(text: string, heading: RegExp): string | undefined {
  const last = [...text.matchAll(heading)].at(-1);
  if (!last) return undefined;
  const rest = text.slice(last.index + last[0].length);
  const next = Math.min(...[REFERENCE, ANSWER].map((other) => rest.search(other)).filter((at) => at >= 0));
  const part = rest.slice(0, Number.isFinite(next) ? next : undefined).trim();
  return part.replace(/^<<<\s*([^]*?)\s*>>>$/, '$1');
}

function readCalls(text: string): Call[] {
  const json = parseJson(
    text.slice(text.search(/[[{]/), Math.max(text.lastIndexOf(']'), text.lastIndexOf('}')) + 1),
  );
  const list = Array.isArray(json)
    ? json
    : isRecord(json) && Array.isArray(json.tool_calls)
      ? json.tool_calls
      : [json];
  return list.map(readCall).filter((call) => call !== null);
}

function isSameCall(expected: Call, given: Call | undefined): boolean {
  return expected.name === given?.name && canonical(expected.arguments) === canonical(given.arguments);
}

/** JSON with sorted keys; text is compared without regard to case and spacing. */
function canonical(value: JsonValue): string {
  if (typeof value === 'string') return JSON.stringify(value.trim().toLowerCase().replace(/\s+/g, ' '));
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}

function tokenF1(expected: readonly string[], given: readonly string[]): number {
  const left = new Map<string, number>();
  for (const token of expected) left.set(token, (left.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of given) {
    const count = left.get(token) ?? 0;
    if (count > 0) shared++;
    left.set(token, count - 1);
  }
  return harmonic(shared, expected.length, given.length);
}

function rougeL(expected: readonly string[], given: readonly string[]): number {
  let row = new Uint32Array(given.length + 1);
  for (const token of expected) {
    const next = new Uint32Array(given.length + 1);
    given.forEach((other, j) => {
      next[j + 1] = token === other ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0);
    });
    row = next;
  }
  return harmonic(row[given.length] ?? 0, expected.length, given.length);
}

/** F1 of a count shared by two lists; two empty ones are alike. */
function harmonic(shared: number, expected: number, given: number): number {
  return expected + given === 0 ? 1 : (2 * shared) / (expected + given);
}

function inWords(content: string): Pick<ChatAnswer, 'content' | 'toolCalls'> {
  return { content, toolCalls: [] };
}
