import type { Scene } from './candidate-value.js';
import type { Capacity } from './capacity.js';
import { parametersOf } from './parameter.js';
import type { ToolSchema } from './types.js';
import { wordsOf, wordsOfName } from './words.js';

/** Answers in words without any training: reports the last result, asks for what the likeliest tool needs, or says back what was asked. */
export function extractiveAnswer(
  scene: Scene,
  likeliest: ToolSchema | undefined,
  capacity: Capacity,
): string {
  const last = scene.turns.at(-1);
  if (last?.role === 'tool')
    return reportResult(scene, capacity) ?? `Here is the result: ${firstSentences(last.text)}`;
  const user = scene.turns.findLast(({ role }) => role === 'user')?.text ?? '';
  if (!likeliest) return `You asked: ${firstSentences(user)}`;
  const purpose = purposeOf(likeliest);
  const needs = parametersOf(likeliest).filter(({ isRequired }) => isRequired);
  if (needs.length === 0) return `I can ${purpose} for you. Would you like me to proceed?`;
  const names = needs.slice(0, 4).map(({ name }) => `your ${wordsOfName(name).join(' ')}`);
  return `I can help you with that. To ${purpose}, could you please provide ${names.join(', ')}?`;
}

/** The parts of a JSON result that the user's words are about come first. */
function reportResult({ turns, occurrences }: Scene, capacity: Capacity): string | undefined {
  const asked = new Set(turns.filter(({ role }) => role === 'user').flatMap(({ text }) => wordsOf(text)));
  const facts = occurrences
    .filter(({ age, span }) => age === 0 && span.source === 'result' && typeof span.value !== 'object')
    .map(({ span }) => ({ span, about: wordsOfName(span.key).filter((word) => asked.has(word)).length }))
    .sort((a, b) => b.about - a.about)
    .slice(0, capacity.contextMessages * 2);
  if (facts.length === 0) return undefined;
  const lines = facts.map(({ span }) => `- ${wordsOfName(span.key).join(' ')}: ${String(span.value)}`);
  return `Here are the details:\n\n${lines.join('\n')}\n\nIs there anything else I can help you with?`;
}

function purposeOf({ function: tool }: ToolSchema): string {
  const description = firstSentences(tool.description ?? wordsOfName(tool.name).join(' '));
  const sentence = description.split(/[.!?]/)[0] ?? '';
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function firstSentences(text: string): string {
  return text.slice(0, 160);
}
