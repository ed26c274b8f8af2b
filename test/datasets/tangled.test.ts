import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderExample } from '../../src/records/in-context.js';
import { toTrainingRow, type TrainingRow, type WireMessage } from '../../src/records/rows.js';
import { aRecord, readRecord } from '../support/log-records.js';
import { buildIfPossible, type ReadBack, splits, textsOf } from './built.js';
import { allAskedIn, askedBy, leakedRequests, learnedOf } from './leaks.js';
import { type Tangled, tangled } from './tangled-traffic.js';

/** Long enough for a busy machine. */
const PATIENT = 180_000;
const REFUSAL = /^eval_size cannot be larger|^All \d+ records begin alike/;

const requestOf = ({ messages }: TrainingRow): WireMessage[] => messages.slice(0, -1);

/** System prompts may change within a conversation. */
const turnsOf = (messages: readonly WireMessage[]) => messages.filter(({ role }) => role !== 'system');

/** The one conversation that asks this; null: several do, or nobody. */
function conversationsBy({
  records,
  conversationOf,
}: Tangled): (messages: readonly WireMessage[]) => number | null {
  const known = new Map<string, number | null>();
  for (const [i, record] of records.entries()) {
    const read = readRecord(record);
    if ('rejected' in read) throw new Error(read.rejected);
    const conversation = conversationOf[i] ?? NaN;
    for (const asked of allAskedIn({ messages: turnsOf(toTrainingRow(read.record).messages) }))
      known.set(asked, known.has(asked) && known.get(asked) !== conversation ? null : conversation);
  }
  return (messages) => known.get(askedBy(turnsOf(messages))) ?? null;
}

/** Whether the same is asked on both sides under system prompts that differ, where a warning says so. */
function isShared(files: ReadBack): boolean {
  if (!files.built.warnings.some((warning) => warning.includes('told apart by their system prompts')))
    return false;
  const askedIn = (messages: WireMessage[]) => allAskedIn({ messages: turnsOf(messages) });
  const learned = new Set(learnedOf(files).flatMap(({ messages }) => askedIn(messages)));
  return files.evaluation.some(({ request }) => learned.has(askedBy(turnsOf(request.messages))));
}

/** Where an example is shown to its own conversation. */
function shownToOwn({ inContext, training }: ReadBack): string[] {
  const askedOf = new Map(training.map((row) => [exampleOf(row), askedBy(requestOf(row))]));
  return inContext.flatMap(({ request, original_messages, response }) => {
    const own = allAskedIn({ messages: [...original_messages, response.choices[0].message] });
    const examples = String(request.messages[0]?.content).split('\n\n');
    const shown = examples
      .filter((text) => text.startsWith('For example'))
      .map((text) => askedOf.get(text) ?? '');
    return shown.filter((asked) => asked === '' || own.includes(asked));
  });
}

function exampleOf({ messages, tools }: TrainingRow): string {
  const answer = { choices: [{ message: messages.at(-1) }] };
  const read = readRecord(aRecord({ request: { messages: messages.slice(0, -1), tools }, response: answer }));
  if ('rejected' in read) throw new Error(read.rejected);
  return renderExample(read.record);
}

test(
  'conversations that are hard to tell apart leak from evaluation into training, or into their own examples',
  async () => {
    const seen = { built: 0, duplicates: 0, openings: 0 };
    await fc.assert(
      fc.asyncProperty(tangled, splits, async (made, split) => {
        const files = await buildIfPossible(textsOf(made.records), { split }, REFUSAL);
        if (files === null) return;
        seen.built++;
        if (files.built.funnel.duplicates > 0) seen.duplicates++;
        if (files.built.warnings.some((warning) => warning.includes('only trained on'))) seen.openings++;
        expect(leakedRequests(files)).toEqual([]);
        if (!isShared(files)) expect(files.built.funnel.sharedConversations).toBe(0);
        const conversationOf = conversationsBy(made);
        const conversations = (messages: WireMessage[][]) =>
          messages.flatMap((asked) => conversationOf(asked) ?? []);
        const learned = new Set(conversations(learnedOf(files).map(requestOf)));
        for (const evaluated of conversations(files.evaluation.map(({ request }) => request.messages)))
          expect(learned).not.toContain(evaluated);
        expect(shownToOwn(files)).toEqual([]);
      }),
      { numRuns: 60, seed: 11 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(15);
  },
  PATIENT,
);
