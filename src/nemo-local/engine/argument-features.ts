import type { CandidateValue, Occurrence, Scene } from './candidate-value.js';
import { hash, mix } from './hash.js';
import type { Parameter } from './parameter.js';
import { remember } from './remember.js';
import type { JsonValue } from './turn.js';
import { wordsOf, wordsOfName } from './words.js';

/** Weights of the argument scorer; features are hashed into them. */
export const ARGUMENT_BUCKETS = 2 ** 15;

/** One value for one argument, as the scorer sees it. */
export interface ScoredValue {
  value: JsonValue;
  /** Score by the base model's fixed rules. */
  base: number;
  /** Buckets of its features, for the learned weights. */
  features: Uint32Array;
}

/** What of the conversation concerns a parameter, whichever value is looked at. */
export interface Question {
  parameter: Parameter;
  scene: Scene;
  names: ReadonlySet<string>;
  /** Shapes of the values that the description ("such as 'JFK'") or an example of the prompt gives. */
  shapes: ReadonlySet<string>;
  /** Arguments of earlier calls of the same function under the same name. */
  used: ReadonlySet<string>;
  /** Words of the user's last messages, with their age. */
  words: ReadonlyMap<string, number>;
}

const WORD_MESSAGES = 4;

export function askFor(parameter: Parameter, scene: Scene, shapes: readonly string[]): Question {
  const used = scene.turns.flatMap(({ calls }) =>
    calls.filter(({ name }) => name === parameter.function).map((call) => call.arguments[parameter.name]),
  );
  const spoken = scene.turns.filter(({ role }) => role === 'user').slice(-WORD_MESSAGES);
  const words = new Map<string, number>();
  spoken.forEach(({ text }, i) => wordsOf(text).forEach((word) => words.set(word, spoken.length - 1 - i)));
  return {
    parameter,
    scene,
    names: new Set(wordsOfName(parameter.name)),
    shapes: new Set([...shapes, ...quotedShapes(parameter.description)]),
    used: new Set(used.map((value) => JSON.stringify(value))),
    words,
  };
}

function quotedShapes(description: string): string[] {
  return [...description.matchAll(/'([^']+)'/g)].map((match) => shapeOf(match[1] ?? ''));
}

/** Scores a value by rule and lists its features: those that all parameters share, then those of this one. */
export function scoreValue(candidate: CandidateValue, question: Question, isLearned: boolean): ScoredValue {
  const facts = candidate.occurrences.map((occurrence) => factsOf(occurrence, question));
  const shape = shapeOf(candidate.value);
  const fits = question.shapes.has(shape);
  const isUsed = question.used.has(JSON.stringify(candidate.value));
  const mention = mentionAge(candidate.value, question);
  const best = Math.max(0, ...facts.map(({ score }) => score));
  const base = best + (fits ? 2 : 0) - (isUsed ? 0.8 : 0) + (mention < WORD_MESSAGES ? 2 - 0.3 * mention : 0);
  const shared = new Set([
    mix(1, hash(`${String(fits)} ${String(isUsed)} ${mention}`)),
    mix(2, Math.min(candidate.occurrences.length, 4)),
    ...facts.flatMap(({ shared }) => shared),
  ]);
  const own = [mix(3, hash(shape)), mix(4, Math.min(candidate.order, 6)), ...facts.flatMap(({ own }) => own)];
  const topical = isLearned ? topicFeatures(candidate.value, question) : [];
  return { value: candidate.value, base, features: bucketsOf([...shared], [...own, ...topical], question) };
}

interface Facts {
  score: number;
  shared: number[];
  own: number[];
}

function factsOf({ span, age }: Occurrence, { names, parameter }: Question): Facts {
  const key = wordsOfName(span.key);
  const keyMatch = span.key === parameter.name ? 3 : overlaps(key, names);
  const before = overlaps(span.before.flatMap(wordsOfName), names);
  const near = Math.min(age, 9);
  const place = hash(`${span.source} ${span.role}`);
  const last = span.before.at(-1) ?? '';
  return {
    score: 1.2 * keyMatch + 1.2 * before - 0.15 * near + (span.role === 'user' ? 0.3 : 0),
    shared: [
      mix(mix(5, keyMatch), place),
      mix(mix(6, near), place),
      mix(mix(7, keyMatch), near),
      mix(mix(8, before), near),
    ],
    own: [
      mix(9, hash(span.key)),
      mix(mix(10, hash(span.key)), near),
      mix(11, hash(last)),
      mix(mix(12, near), place),
    ],
  };
}

/** 0, 1 or 2: how many of a name's words stand in a list. */
function overlaps(words: readonly string[], names: ReadonlySet<string>): number {
  return Math.min(2, new Set(words.filter((word) => names.has(word))).size);
}

/** Messages since the user said the words of a value (an enumeration's `one_way` is said as "one way"). */
function mentionAge(value: JsonValue, { words, parameter }: Question): number {
  if (parameter.enumeration.length === 0 || typeof value !== 'string') return WORD_MESSAGES;
  const ages = wordsOfName(value).map((word) => words.get(word) ?? WORD_MESSAGES);
  return ages.length === 0 ? WORD_MESSAGES : Math.max(...ages);
}

/** Pairs of a value that training met repeatedly and each word that the user said: how "New York" comes to mean JFK. */
function topicFeatures(value: JsonValue, { words }: Question): number[] {
  const identity = hash(JSON.stringify(value));
  return [
    mix(13, identity),
    ...[...words.keys()].slice(0, 80).map((word) => mix(mix(14, identity), hash(word))),
  ];
}

function bucketsOf(shared: number[], own: number[], { parameter }: Question): Uint32Array {
  const identity = hash(`${parameter.function}.${parameter.name}`);
  const all = new Set(shared);
  for (const feature of [...shared, ...own]) all.add(mix(identity, feature));
  return Uint32Array.from([...all], (feature) => feature % ARGUMENT_BUCKETS);
}

/** A value's looks: letters and digits in runs, the length of codes. */
export function shapeOf(value: JsonValue): string {
  return typeof value === 'string' ? shapeOfText(value) : Array.isArray(value) ? 'list' : typeof value;
}

const shapeOfText = remember(8192, (text: string): string => {
  if (/^[A-Z\d]{2,12}$/.test(text)) return `code ${/\d/.test(text) ? 'with digits ' : ''}${text.length}`;
  const runs = text
    .replace(/\d+/g, '9')
    .replace(/\p{Ll}+/gu, 'a')
    .replace(/\p{Lu}+/gu, 'A');
  return runs.slice(0, 12);
});
