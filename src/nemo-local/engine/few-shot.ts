import { readScene } from './candidate-value.js';
import type { Capacity } from './capacity.js';
import { readExamples } from './in-context.js';
import { remember } from './remember.js';
import { cosine, stateFeatures, type SparseVector } from './state-features.js';
import { toTemplate, type Template } from './template.js';
import type { Call, Turn } from './turn.js';
import { PLAIN } from './zero-shot.js';

/** One decision of the assistant that an example shows. */
interface Demonstration {
  state: SparseVector;
  choice: string;
  /** The plain answer, ready for another conversation. */
  template?: Template;
}

/** What the examples in a prompt show. */
export interface FewShot {
  demonstrations: Demonstration[];
  calls: Call[];
}

const SHARPNESS = 20;
const STRENGTH = 5;

/** Takes the examples out of the system messages: the conversation without them, and what they show. */
export function readFewShot(turns: readonly Turn[], capacity: Capacity): { turns: Turn[]; fewShot: FewShot } {
  const fewShot: FewShot = { demonstrations: [], calls: [] };
  const plainTurns = turns.map((turn) => {
    if (turn.role !== 'system') return turn;
    const { text, shown } = reader(capacity)(turn.text);
    fewShot.demonstrations.push(...shown.demonstrations);
    fewShot.calls.push(...shown.calls);
    return { ...turn, text };
  });
  return { turns: plainTurns, fewShot };
}

/** Adds to each choice the vote of the examples, by how like the present state is to the likest one that decided so. */
export function vote(logits: Map<string, number>, { demonstrations }: FewShot, state: SparseVector): void {
  const likest = new Map<string, number>();
  for (const shown of demonstrations) {
    const likeness = cosine(shown.state, state);
    likest.set(shown.choice, Math.max(likest.get(shown.choice) ?? -1, likeness));
  }
  const top = Math.max(...likest.values());
  for (const [choice, likeness] of likest) {
    const before = logits.get(choice);
    if (before !== undefined) logits.set(choice, before + STRENGTH * Math.exp(SHARPNESS * (likeness - top)));
  }
}

/** The plain answer that was given in the most similar state, if any example has one. */
export function nearestTemplate({ demonstrations }: FewShot, state: SparseVector): Template | undefined {
  const plain = demonstrations
    .filter(({ template }) => template !== undefined)
    .map(({ template, state: shown }) => ({ template, likeness: cosine(shown, state) }));
  return plain.sort((a, b) => b.likeness - a.likeness)[0]?.template;
}

const readers = new Map<string, ReturnType<typeof createReader>>();

/** The same examples come with many requests: they are read once per capacity. */
function reader(capacity: Capacity): ReturnType<typeof createReader> {
  const key = JSON.stringify(capacity);
  const known = readers.get(key) ?? createReader(capacity);
  readers.set(key, known);
  return known;
}

function createReader(capacity: Capacity): (system: string) => { text: string; shown: FewShot } {
  return remember(64, (system: string) => {
    const { text, examples } = readExamples(system);
    const kept = examples.slice(-capacity.examples);
    const decisions = kept.flatMap(({ turns, answer }) => decisionsOf([...turns, answer]));
    return {
      text,
      shown: {
        demonstrations: decisions.map(({ before, answer }) => demonstrate(before, answer, capacity)),
        calls: decisions.flatMap(({ answer }) => answer.calls),
      },
    };
  });
}

/** Every assistant message of an example shows a decision, not the last one alone. */
function decisionsOf(turns: readonly Turn[]): { before: Turn[]; answer: Turn }[] {
  return turns.flatMap((answer, i) =>
    answer.role === 'assistant' && i > 0 ? [{ before: turns.slice(0, i), answer }] : [],
  );
}

function demonstrate(before: Turn[], answer: Turn, capacity: Capacity): Demonstration {
  const state = stateFeatures(before, capacity);
  const call = answer.calls[0];
  if (call) return { state, choice: call.name };
  return { state, choice: PLAIN, template: toTemplate(answer.text, readScene(before, capacity)) };
}
