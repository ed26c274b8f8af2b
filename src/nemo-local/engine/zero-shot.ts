import type { Scene } from './candidate-value.js';
import type { Capacity } from './capacity.js';
import { promptedBy, type Readiness } from './readiness.js';
import { remember } from './remember.js';
import type { ToolSchema } from './types.js';
import { isRecord, type Turn } from './turn.js';
import { wordsOf, wordsOfName } from './words.js';

/** The choice of answering in words. */
export const PLAIN = '(plain)';

/**
 * Logits that a model gains with each unit of grasp: for what the last message made possible, and for calling nothing. Found by
 * trial: of the values tried those with which agreement grows with size on simulated and on real logs.
 */
const PROMPTED = 0.8;
const RESERVE = 0.4;

/**
 * Logits of PLAIN and of each offered function for a model that was shown nothing: likeness of the last words to the schema,
 * whether the conversation has what the function requires, and what agents commonly do.
 */
export function zeroShotLogits(
  scene: Scene,
  tools: readonly ToolSchema[],
  ready: ReadonlyMap<string, Readiness>,
  capacity: Capacity,
): Map<string, number> {
  const { turns } = scene;
  const words = recentWords(turns, capacity);
  const prompted = promptedBy(scene, tools);
  const rarity = rarityOf(tools);
  const usual = tools.reduce((sum, tool) => sum + readinessLogit(tool, ready), 0) / tools.length;
  const logits = new Map([[PLAIN, plainLogit(turns) + RESERVE * capacity.grasp]]);
  for (const tool of tools) {
    const match = likeness(words, toolWords(JSON.stringify(tool.function)), rarity);
    const gain = prompted.has(tool.function.name) ? PROMPTED * capacity.grasp : 0;
    logits.set(tool.function.name, 6 * match + readinessLogit(tool, ready) - usual + gain);
  }
  return logits;
}

/** A call lacks sense when what it needs is unknown, and mostly when it could only repeat an earlier one. */
const READINESS_LOGIT: Record<Readiness, number> = {
  fresh: 1.5,
  used: 0.5,
  'needs-nothing': 0.5,
  lacking: 0,
};

function readinessLogit(tool: ToolSchema, ready: ReadonlyMap<string, Readiness>): number {
  return READINESS_LOGIT[ready.get(tool.function.name) ?? 'lacking'];
}

const toolWords = remember(512, (definition: string): ReadonlySet<string> => {
  const tool: unknown = JSON.parse(definition);
  if (!isRecord(tool)) return new Set();
  const properties =
    isRecord(tool.parameters) && isRecord(tool.parameters.properties) ? tool.parameters.properties : {};
  return new Set([
    ...wordsOfName(String(tool.name)),
    ...wordsOf(typeof tool.description === 'string' ? tool.description : ''),
    ...Object.keys(properties).flatMap(wordsOfName),
  ]);
});

/** Messages of more words than this weigh less for each of them: a long result says no more than a short question. */
const USUAL_WORDS = 16;

/** Words with their nearness: up to 1 in the last message, less in earlier ones. */
function recentWords(turns: readonly Turn[], capacity: Capacity): Map<string, number> {
  const nearness = new Map<string, number>();
  const seen = turns.filter(({ role }) => role !== 'system').slice(-capacity.contextMessages);
  seen.toReversed().forEach(({ text, role }, age) => {
    const read = new Set(wordsOf(text).slice(0, capacity.wordsPerMessage));
    const weight = ((role === 'user' ? 1 : 0.5) * 0.5 ** age) / Math.sqrt(1 + read.size / USUAL_WORDS);
    for (const word of read) {
      nearness.set(word, Math.max(nearness.get(word) ?? 0, weight));
    }
  });
  return nearness;
}

/** A word that every tool mentions tells nothing; one that a single tool mentions tells most. */
function rarityOf(tools: readonly ToolSchema[]): (word: string) => number {
  const count = new Map<string, number>();
  for (const tool of tools) {
    for (const word of toolWords(JSON.stringify(tool.function))) count.set(word, (count.get(word) ?? 0) + 1);
  }
  return (word) => {
    const tellers = count.get(word);
    return tellers === undefined ? 0 : Math.log((tools.length + 1) / tellers);
  };
}

/** Cosine of the angle between the words that any tool knows and the words of one tool. */
function likeness(
  words: ReadonlyMap<string, number>,
  tool: ReadonlySet<string>,
  rarity: (word: string) => number,
): number {
  let shared = 0;
  let wordsNorm = 0.5;
  for (const [word, nearness] of words) {
    const weight = nearness * rarity(word);
    wordsNorm += weight * weight;
    if (tool.has(word)) shared += weight * rarity(word);
  }
  const toolNorm = [...tool].reduce((sum, word) => sum + rarity(word) ** 2, 0);
  return shared / Math.sqrt(wordsNorm * Math.max(toolNorm, 1));
}

/** After a result an agent mostly reports it, after a user's words it mostly acts. */
function plainLogit(turns: readonly Turn[]): number {
  return turns.at(-1)?.role === 'tool' ? 2.8 : 2.1;
}
