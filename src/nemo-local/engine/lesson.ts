import { parameterKey, weighValues, type ArgumentLesson, type ArgumentSkill } from './argument-scorer.js';
import { readScene, type Scene } from './candidate-value.js';
import type { Capacity } from './capacity.js';
import { readFewShot } from './few-shot.js';
import type { LabelledState } from './low-rank-head.js';
import { inferTool, parametersOf } from './parameter.js';
import { readinessOf } from './readiness.js';
import { stateFeatures } from './state-features.js';
import { readTurns, type Call, type Turn } from './turn.js';
import type { ToolSchema, TrainingRow } from './types.js';
import { PLAIN, zeroShotLogits } from './zero-shot.js';

/**
 * Logit that training adds to PLAIN and answering does not: the learner has to beat it, so that functions, each rare beside all
 * plain answers together, are called as often as training called them.
 */
const PLAIN_HANDICAP = 0.8;

/** A training row as the models read it. */
export interface ReadRow {
  turns: Turn[];
  answer: Turn;
  tools: ToolSchema[];
}

/** What one row teaches. */
export interface Lesson {
  decision?: LabelledState;
  wording?: LabelledState;
  arguments: ArgumentLesson[];
}

/** What every lesson of a training refers to. */
export interface Curriculum {
  choices: readonly string[];
  /** The kind of each plain answer, by its text. */
  kindOf: (answer: string) => number;
  kinds: number;
  skill: ArgumentSkill;
  capacity: Capacity;
}

/** Reads a row; null when its last message is not the assistant's. */
export function readRow({ messages, tools = [] }: TrainingRow, capacity: Capacity): ReadRow | null {
  const all = readTurns(messages);
  const answer = all.at(-1);
  if (answer?.role !== 'assistant') return null;
  const { turns } = readFewShot(all.slice(0, -1), capacity);
  return { turns, answer, tools };
}

export function choiceOf(answer: Turn): string {
  return answer.calls[0]?.name ?? PLAIN;
}

/** Turns a row into labelled states; a choice that training never met (in a validation row) teaches nothing. */
export function toLesson(row: ReadRow, curriculum: Curriculum): Lesson {
  const { choices, kindOf, kinds, capacity } = curriculum;
  const scene = readScene(row.turns, capacity);
  const ready = readinessOf(scene, row.tools);
  const features = stateFeatures(row.turns, capacity, ready);
  const base = zeroShotLogits(scene, row.tools, ready, capacity);
  const label = choices.indexOf(choiceOf(row.answer));
  const decision = {
    features,
    label,
    offset: Float32Array.from(
      choices,
      (choice) => (base.get(choice) ?? 0) + (choice === PLAIN ? PLAIN_HANDICAP : 0),
    ),
  };
  const call = row.answer.calls[0];
  const kind = call ? -1 : kindOf(row.answer.text);
  return {
    ...(label < 0 ? {} : { decision }),
    ...(kind < 0 ? {} : { wording: { features, label: kind, offset: new Float32Array(kinds) } }),
    arguments: call ? argumentLessons(call, row.tools, scene, curriculum) : [],
  };
}

/** An argument whose value does not stand in the conversation cannot be learned by pointing at it. */
function argumentLessons(
  call: Call,
  tools: readonly ToolSchema[],
  scene: Scene,
  { skill, capacity }: Curriculum,
): ArgumentLesson[] {
  const tool =
    tools.find((each) => each.function.name === call.name) ?? inferTool(call.name, [call.arguments]);
  return parametersOf(tool).flatMap((parameter) => {
    const given = call.arguments[parameter.name];
    if (given === undefined || !skill.presence.has(parameterKey(parameter))) return [];
    const values = weighValues(parameter, scene, skill, capacity);
    const right = values.findIndex(({ value }) => JSON.stringify(value) === JSON.stringify(given));
    return right < 0 ? [] : [{ values, right }];
  });
}
