import { argumentLoss, ArgumentTrainer } from './argument-scorer.js';
import { capacityOf, type Capacity } from './capacity.js';
import { seededRandom } from '../../seeded-random.js';
import { shuffled } from './hash.js';
import { readRow, toLesson, type Curriculum, type Lesson, type ReadRow } from './lesson.js';
import { headLoss, HeadTrainer, LowRankHead, type LabelledState } from './low-rank-head.js';
import { toAdapter } from './skill.js';
import { survey, type Survey } from './survey.js';
import type { Adapter, Hyperparameters, TrainingJob } from './types.js';

/**
 * Passes over a minibatch in one step. A stand-in has few weights and, with the usual two epochs of some hundred rows, would
 * see each of them only a few dozen times; the number of steps that a caller counts stays epochs × ⌈rows / batch size⌉.
 */
const PASSES = 3;

/**
 * Adam's rate for a learning rate of 1. The rates usual for LoRA (1e-4) are for weights of a large model; here they become
 * 0.015. The scale is linear, so that a rate a thousand times too large diverges as it would there.
 */
const RATE_SCALE = 150;

/** Rank of the head that chooses the wording, which matters less than the choice of the call. */
const WORDING_RANK = 8;

/**
 * Trains an adapter by minibatch gradient descent; deterministic for a seed. Rejects when the loss is no number any more, which
 * only a learning rate far too large brings about.
 */
export async function train({
  base,
  rows,
  validation,
  hyperparameters,
  onStep,
}: TrainingJob): Promise<Adapter> {
  const capacity = capacityOf(base);
  const readAll = readRows(rows, capacity);
  const surveyed = survey(readAll, capacity, hyperparameters.seed);
  const learner = createLearner(surveyed, capacity, hyperparameters);
  const random = seededRandom(hyperparameters.seed);
  const heldOut = readRows(validation, capacity);
  const { learningRate } = hyperparameters;
  const total = hyperparameters.epochs * Math.ceil(readAll.length / hyperparameters.batchSize);
  let step = 0;
  for (let epoch = 0; epoch < hyperparameters.epochs; epoch++) {
    const batches = toBatches(shuffled(readAll, random), hyperparameters.batchSize);
    for (const [i, batch] of batches.entries()) {
      const trainLoss = learner.learn(batch, learningRate * (1 - step / total), random);
      const isLast = i === batches.length - 1;
      const validationLoss = isLast ? learner.loss(heldOut) : undefined;
      for (const loss of [trainLoss, validationLoss ?? 0])
        if (!Number.isFinite(loss)) throw new Error(diverged(step, learningRate));
      await onStep({
        step: step++,
        epochsCompleted: epoch + (isLast ? 1 : 0),
        trainLoss,
        ...(validationLoss !== undefined && { validationLoss }),
      });
    }
  }
  return learner.adapter(base.name);
}

const diverged = (step: number, learningRate: number): string =>
  `the training diverged: from step ${step} on its loss is no number; use a learning rate smaller than ${learningRate}`;

function readRows(rows: TrainingJob['rows'], capacity: Capacity): ReadRow[] {
  return rows.map((row) => readRow(row, capacity)).filter((row) => row !== null);
}

function toBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

interface Learner {
  /** Takes one step; returns the loss before it. */
  learn(batch: readonly ReadRow[], learningRate: number, random: () => number): number;
  /** Mean loss over the rows whose choice training met; undefined when there is none. */
  loss(rows: readonly ReadRow[]): number | undefined;
  adapter(baseModel: string): Adapter;
}

function createLearner(
  { choices, templates, kindOf, recurring, presence }: Survey,
  capacity: Capacity,
  { adapterDim, adapterDropout, seed }: Hyperparameters,
): Learner {
  const rank = Math.min(adapterDim, capacity.rank);
  const kinds = templates.map((_, kind) => String(kind));
  const decision = new HeadTrainer(LowRankHead.untrained(choices, rank, capacity.buckets, seed));
  const wording = new HeadTrainer(
    LowRankHead.untrained(kinds, Math.min(rank, WORDING_RANK), capacity.buckets, seed + 1),
  );
  const values = new ArgumentTrainer();
  const skill = { weights: values.weights, recurring, presence };
  const curriculum: Curriculum = { choices, kindOf, kinds: kinds.length, skill, capacity };
  const met = new Set<number>();
  const lossOf = (lessons: readonly Lesson[]): number =>
    meanLoss(lessons, decision.head, wording.head, values.weights);

  return {
    learn(batch, learningRate, random) {
      const lessons = batch.map((row) => toLesson(row, curriculum));
      for (const { decision: state } of lessons) state?.features.index.forEach((bucket) => met.add(bucket));
      const loss = lossOf(lessons);
      const rate = learningRate * RATE_SCALE;
      const states = (of: 'decision' | 'wording') =>
        dropOut(
          lessons.flatMap((each) => each[of] ?? []),
          adapterDropout,
          random,
        );
      for (let pass = 0; pass < PASSES; pass++) {
        decision.step(states('decision'), rate);
        wording.step(states('wording'), rate);
        values.step(
          lessons.flatMap((each) => each.arguments),
          rate,
        );
      }
      return loss;
    },
    loss(rows) {
      const known = rows
        .map((row) => toLesson(row, curriculum))
        .filter(({ decision }) => decision !== undefined);
      return known.length === 0 ? undefined : lossOf(known);
    },
    adapter(baseModel) {
      decision.head.keepOnly(met);
      wording.head.keepOnly(met);
      return toAdapter(baseModel, {
        decision: decision.head,
        wording: wording.head,
        templates,
        arguments: skill,
      });
    },
  };
}

/** Mean over rows of: cross-entropy of the choice, plus that of the wording or the mean over the arguments, in nats. */
function meanLoss(
  lessons: readonly Lesson[],
  decision: LowRankHead,
  wording: LowRankHead,
  weights: Float32Array,
): number {
  let sum = 0;
  for (const lesson of lessons) {
    if (lesson.decision) sum += headLoss(decision, lesson.decision);
    if (lesson.wording) sum += headLoss(wording, lesson.wording);
    for (const argument of lesson.arguments) sum += argumentLoss(argument, weights) / lesson.arguments.length;
  }
  return sum / lessons.length;
}

/** Silences each feature with the given probability and scales the others, so that the expected sum stays. */
function dropOut(states: LabelledState[], probability: number, random: () => number): LabelledState[] {
  if (probability === 0) return states;
  return states.map((state) => ({
    ...state,
    features: {
      index: state.features.index,
      value: state.features.value.map((value) => (random() < probability ? 0 : value / (1 - probability))),
    },
  }));
}
