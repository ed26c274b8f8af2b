import { Adam } from './adam.js';
import { seededRandom } from '../../seeded-random.js';
import type { SparseVector } from './state-features.js';

/** A softmax over labels with low-rank weights, as LoRA has them: logits = offset + up · (down · features). */
export class LowRankHead {
  readonly labels: readonly string[];
  readonly rank: number;
  readonly down: Float32Array;
  readonly up: Float32Array;

  constructor(labels: readonly string[], rank: number, down: Float32Array, up: Float32Array) {
    this.labels = labels;
    this.rank = rank;
    this.down = down;
    this.up = up;
  }

  /** Starts as LoRA does: `down` random, `up` zero, so that an untrained head changes nothing. */
  static untrained(labels: readonly string[], rank: number, buckets: number, seed: number): LowRankHead {
    const random = seededRandom(seed);
    const down = new Float32Array(buckets * rank);
    for (let i = 0; i < down.length; i++) down[i] = 0.4 * (random() * 2 - 1);
    return new LowRankHead(labels, rank, down, new Float32Array(labels.length * rank));
  }

  hidden(features: SparseVector): Float32Array {
    const hidden = new Float32Array(this.rank);
    for (let i = 0; i < features.index.length; i++) {
      const row = (features.index[i] ?? 0) * this.rank;
      const value = features.value[i] ?? 0;
      for (let r = 0; r < this.rank; r++) hidden[r] = (hidden[r] ?? 0) + value * (this.down[row + r] ?? 0);
    }
    return hidden;
  }

  /** What the adapter adds to each label's logit. */
  logits(features: SparseVector): Float32Array {
    return this.project(this.hidden(features));
  }

  project(hidden: Float32Array): Float32Array {
    return Float32Array.from(this.labels, (_, label) => {
      let sum = 0;
      for (let r = 0; r < this.rank; r++) sum += (this.up[label * this.rank + r] ?? 0) * (hidden[r] ?? 0);
      return sum;
    });
  }

  /** Silences the random weights of features that training never met: they are noise to a conversation that has them. */
  keepOnly(buckets: ReadonlySet<number>): void {
    for (let bucket = 0; bucket < this.down.length / this.rank; bucket++) {
      if (!buckets.has(bucket)) this.down.fill(0, bucket * this.rank, (bucket + 1) * this.rank);
    }
  }
}

export interface LabelledState {
  features: SparseVector;
  /** Index of the right label. */
  label: number;
  /** Logits of the base model, which the head corrects; one per label. */
  offset: Float32Array;
}

/** Trains a head by gradient descent on the cross-entropy. */
export class HeadTrainer {
  readonly head: LowRankHead;
  private readonly downAdam: Adam;
  private readonly upAdam: Adam;

  constructor(head: LowRankHead) {
    this.head = head;
    this.downAdam = new Adam(head.down);
    this.upAdam = new Adam(head.up);
  }

  /** Takes one step on a batch. */
  step(batch: readonly LabelledState[], learningRate: number): void {
    if (batch.length === 0) return;
    const { head } = this;
    for (const { features, label, offset } of batch) {
      const hidden = head.hidden(features);
      const error = softmax(add(head.project(hidden), offset));
      error[label] = (error[label] ?? 0) - 1;
      this.accumulate(features, hidden, error, 1 / batch.length);
    }
    this.downAdam.step(learningRate);
    this.upAdam.step(learningRate);
  }

  private accumulate(features: SparseVector, hidden: Float32Array, error: Float32Array, scale: number): void {
    const { head, downAdam, upAdam } = this;
    const back = new Float32Array(head.rank);
    error.forEach((e, label) => {
      for (let r = 0; r < head.rank; r++) {
        const at = label * head.rank + r;
        back[r] = (back[r] ?? 0) + e * (head.up[at] ?? 0);
        upAdam.add(at, scale * e * (hidden[r] ?? 0));
      }
    });
    for (let i = 0; i < features.index.length; i++) {
      const row = (features.index[i] ?? 0) * head.rank;
      const value = scale * (features.value[i] ?? 0);
      for (let r = 0; r < head.rank; r++) downAdam.add(row + r, value * (back[r] ?? 0));
    }
  }
}

/** Cross-entropy of the right label, in nats. */
export function headLoss(head: LowRankHead, { features, label, offset }: LabelledState): number {
  return crossEntropy(add(head.logits(features), offset), label);
}

/** −log softmax(logits)[label], stable for logits of any size. */
export function crossEntropy(logits: Float32Array, label: number): number {
  const top = Math.max(...logits);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  return Math.log(sum) + top - (logits[label] ?? 0);
}

export function softmax(logits: Float32Array): Float32Array {
  const top = Math.max(...logits);
  const exp = logits.map((logit) => Math.exp(logit - top));
  const sum = exp.reduce((a, b) => a + b, 0);
  return exp.map((e) => e / sum);
}

function add(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + (b[i] ?? 0));
}
