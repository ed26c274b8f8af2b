import { Adam } from './adam.js';
import { ARGUMENT_BUCKETS, askFor, scoreValue, type ScoredValue } from './argument-features.js';
import { candidatesFor, type Scene } from './candidate-value.js';
import type { Capacity } from './capacity.js';
import { crossEntropy, softmax } from './low-rank-head.js';
import type { Parameter } from './parameter.js';
import type { JsonValue } from './turn.js';

/** What customization taught about arguments. */
export interface ArgumentSkill {
  weights: Float32Array;
  /** Values that recur in training, by `function.parameter`. */
  recurring: ReadonlyMap<string, readonly JsonValue[]>;
  /** Share of the calls that give the argument, by `function.parameter`. */
  presence: ReadonlyMap<string, number>;
}

export const UNTAUGHT: ArgumentSkill = {
  weights: new Float32Array(ARGUMENT_BUCKETS),
  recurring: new Map(),
  presence: new Map(),
};

export function parameterKey({ function: name, name: parameter }: Parameter): string {
  return `${name}.${parameter}`;
}

/** Lists and scores what an argument might be. */
export function weighValues(
  parameter: Parameter,
  scene: Scene,
  skill: ArgumentSkill,
  capacity: Capacity,
  shapes: readonly string[] = [],
): ScoredValue[] {
  const question = askFor(parameter, scene, shapes);
  const recurring = skill.recurring.get(parameterKey(parameter)) ?? [];
  const known = new Set(recurring.map((value) => JSON.stringify(value)));
  return candidatesFor(parameter, scene, recurring, capacity.argumentCandidates + recurring.length).map(
    (candidate) => scoreValue(candidate, question, known.has(JSON.stringify(candidate.value))),
  );
}

/** The best value; undefined when there is none to choose from. */
export function bestValue(values: readonly ScoredValue[], { weights }: ArgumentSkill): JsonValue | undefined {
  let best: ScoredValue | undefined;
  let top = -Infinity;
  for (const value of values) {
    const score = scoreOf(value, weights);
    if (score > top) [best, top] = [value, score];
  }
  return best?.value;
}

/** A choice with its right answer, to learn from. */
export interface ArgumentLesson {
  values: ScoredValue[];
  right: number;
}

export function argumentLoss({ values, right }: ArgumentLesson, weights: Float32Array): number {
  return crossEntropy(scores(values, weights), right);
}

/** Trains the shared weights by gradient descent on the cross-entropy of the right value. */
export class ArgumentTrainer {
  readonly weights = new Float32Array(ARGUMENT_BUCKETS);
  private readonly adam = new Adam(this.weights);

  step(batch: readonly ArgumentLesson[], learningRate: number): void {
    if (batch.length === 0) return;
    for (const { values, right } of batch) {
      const error = softmax(scores(values, this.weights));
      error[right] = (error[right] ?? 0) - 1;
      values.forEach(({ features }, i) => {
        const gradient = (error[i] ?? 0) / batch.length;
        if (Math.abs(gradient) < 1e-5) return;
        for (const feature of features) this.adam.add(feature, gradient);
      });
    }
    this.adam.step(learningRate);
  }
}

function scores(values: readonly ScoredValue[], weights: Float32Array): Float32Array {
  return Float32Array.from(values, (value) => scoreOf(value, weights));
}

function scoreOf({ base, features }: ScoredValue, weights: Float32Array): number {
  let score = base;
  for (const feature of features) score += weights[feature] ?? 0;
  return score;
}
