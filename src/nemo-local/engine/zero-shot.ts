import type { Capacity } from './capacity.js';
import { remember } from './remember.js';
import type { ToolSchema } from './types.js';
import { isRecord, type Turn } from './turn.js';
import { wordsOf, wordsOfName } from './words.js';

/** The choice of answering in words. */
export const PLAIN = '(plain)';

/** Logits of PLAIN and of each offered function for a model that was shown nothing: word overlap with the schemas, and what agents commonly do. */
export function zeroShotLogits(
  turns: readonly Turn[],
  tools: readonly ToolSchema[],
  capacity: Capacity,
): Map<string, number> {
  const words = recentWords(turns, capacity);
  const rarity = rarityOf(tools);
  const logits = new Map([[PLAIN, plainLogit(turns)]]);
  for (const tool of tools) {
    const match = overlap(words, toolWords(JSON.stringify(tool.function)), rarity);
    logits.set(tool.function.name, 2.5 * match - (repeats(turns, tool) ? 1 : 0));
  }
  return logits;
}

const toolWords = remember(512, (definition: string): ReadonlySet<string> => {
  const tool: unknown = JSON.parse(definition);
  if (!isRecord(tool)) return new Set();
  const properties = isRecord(tool.parameters) && isRecord(tool.parameters.properties) ? tool.parameters.properties : {};
  return new Set([
    ...wordsOfName(String(tool.name)),
    ...wordsOf(typeof tool.description === 'string' ? tool.description : ''),
    ...Object.keys(properties).flatMap(wordsOfName),
  ]);
});

/** Words with their nearness: 1 in the last message, less in earlier ones. */
function recentWords(turns: readonly Turn[], capacity: Capacity): Map<string, number> {
  const nearness = new Map<string, number>();
  const seen = turns.filter(({ role }) => role !== 'system').slice(-capacity.contextMessages);
  seen.toReversed().forEach(({ text, role }, age) => {
    const weight = (role === 'user' ? 1 : 0.5) * 0.8 ** age;
    for (const word of wordsOf(text).slice(0, capacity.wordsPerMessage)) {
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
  return (word) => Math.log((tools.length + 1) / (count.get(word) ?? 1));
}

function overlap(
  words: Map<string, number>,
  tool: ReadonlySet<string>,
  rarity: (word: string) => number,
): number {
  let sum = 0;
  for (const word of tool) sum += (words.get(word) ?? 0) * rarity(word);
  return sum / Math.sqrt(4 + tool.size);
}

/** After a result an agent mostly reports it, after a user's words it mostly acts. */
function plainLogit(turns: readonly Turn[]): number {
  return turns.at(-1)?.role === 'tool' ? 2 : 1.2;
}

function repeats(turns: readonly Turn[], tool: ToolSchema): boolean {
  return turns.some(({ calls }) => calls.some(({ name }) => name === tool.function.name));
}
