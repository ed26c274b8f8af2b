import { readScene } from './candidate-value.js';
import type { Capacity } from './capacity.js';
import { choiceOf, type ReadRow } from './lesson.js';
import { groupTexts } from './prototype.js';
import { toTemplate, type Template } from './template.js';
import type { JsonValue } from './turn.js';
import { PLAIN } from './zero-shot.js';

/** What is counted in the training rows before the weights are trained. */
export interface Survey {
  /** PLAIN and every function called. */
  choices: string[];
  templates: Template[];
  /** Kind of a training answer, an index of `templates`; -1 for any other text. */
  kindOf: (answer: string) => number;
  recurring: Map<string, JsonValue[]>;
  presence: Map<string, number>;
}

/** Counts what the rows have in common; keeps no row's answer with its question. */
export function survey(rows: readonly ReadRow[], capacity: Capacity, seed: number): Survey {
  const choices = [...new Set([PLAIN, ...rows.map(({ answer }) => choiceOf(answer))])];
  return { choices, ...surveyWording(rows, capacity, seed), ...surveyArguments(rows) };
}

function surveyWording(
  rows: readonly ReadRow[],
  capacity: Capacity,
  seed: number,
): Pick<Survey, 'templates' | 'kindOf'> {
  const plain = rows.filter(({ answer }) => answer.calls.length === 0 && answer.text !== '');
  const { representatives, groupOf } = groupTexts(
    plain.map(({ answer }) => answer.text),
    Math.min(capacity.prototypes, Math.ceil(plain.length / 4)),
    seed,
  );
  const kinds = new Map(plain.map(({ answer }, i) => [answer.text, groupOf[i] ?? -1]));
  const templates = representatives.map((index) => {
    const row = plain[index];
    return row ? toTemplate(row.answer.text, readScene(row.turns, capacity)) : '';
  });
  return { templates, kindOf: (answer) => kinds.get(answer) ?? -1 };
}

const MAX_RECURRING = 40;
const MAX_RECURRING_LENGTH = 40;

/** A value recurs when two rows of different conversations could have taught it; here, when at least two calls give it. */
function surveyArguments(rows: readonly ReadRow[]): Pick<Survey, 'recurring' | 'presence'> {
  const calls = rows.flatMap(({ answer }) => answer.calls.slice(0, 1));
  const callsOf = new Map<string, number>();
  const counts = new Map<string, Map<string, number>>();
  for (const call of calls) {
    callsOf.set(call.name, (callsOf.get(call.name) ?? 0) + 1);
    for (const [name, value] of Object.entries(call.arguments)) {
      const key = `${call.name}.${name}`;
      const values = counts.get(key) ?? new Map<string, number>();
      counts.set(key, values);
      const text = JSON.stringify(value);
      values.set(text, (values.get(text) ?? 0) + 1);
    }
  }
  const recurring = new Map([...counts].map(([key, values]) => [key, mostCommon(values)]));
  const presence = new Map(
    [...counts].map(([key, values]) => {
      const given = [...values.values()].reduce((a, b) => a + b, 0);
      return [key, given / (callsOf.get(key.slice(0, key.lastIndexOf('.'))) ?? given)];
    }),
  );
  return { recurring, presence };
}

function mostCommon(values: ReadonlyMap<string, number>): JsonValue[] {
  const common = [...values].filter(([text, count]) => count > 1 && text.length <= MAX_RECURRING_LENGTH);
  common.sort((a, b) => b[1] - a[1]);
  return common.slice(0, MAX_RECURRING).map(([text]): JsonValue => JSON.parse(text));
}
