import type { BaseModel } from './types.js';

/** What a model of a given size can see and hold; the only way in which a bigger stand-in differs from a smaller one. */
export interface Capacity {
  /** Hashed features that are told apart; fewer mean more collisions. */
  buckets: number;
  /** Last messages of the conversation that the choice of a tool looks at. */
  contextMessages: number;
  /** Words read of each message. */
  wordsPerMessage: number;
  /** Upper limit of an adapter's rank. */
  rank: number;
  /** Last messages that are searched for the values of arguments. */
  argumentMessages: number;
  /** Values weighed for one argument. */
  argumentCandidates: number;
  /** Kinds of plain answers that customization tells apart. */
  prototypes: number;
  /** Examples of a prompt that are kept in mind, the last ones. */
  examples: number;
  /** How far an untrained model understands a conversation: what its last message made possible, and when not to call anything. */
  grasp: number;
}

const JUDGE_SIZE = 40;

/** Reads size and role from a model's name: `meta/llama-3.2-3b-instruct` has 3 billion parameters. */
export function readBaseModel(name: string): BaseModel {
  const claimed = /(\d+(?:\.\d+)?)b(?![a-z])/i.exec(name)?.[1];
  const size = claimed === undefined ? 1 : Math.max(Number(claimed), 0.1);
  return { name, size, isJudge: /judge/i.test(name) || size >= JUDGE_SIZE };
}

/** Derives the capacity from the size; everything grows, nothing beyond what a laptop computes in milliseconds. */
export function capacityOf({ size }: BaseModel): Capacity {
  const growth = Math.min(size, 16);
  return {
    buckets: 2 ** Math.round(11 + Math.log2(growth)),
    contextMessages: Math.round(2 + 2 * Math.max(Math.log2(growth), 0)),
    wordsPerMessage: Math.round(20 * Math.max(growth, 0.5)),
    rank: Math.max(2, Math.round(8 * growth ** (2 / 3))),
    argumentMessages: Math.round(4 + 4 * growth),
    argumentCandidates: Math.round(24 * Math.max(growth, 0.5)),
    prototypes: Math.round(12 * Math.max(growth, 0.5) ** (2 / 3)),
    examples: Math.round(8 * Math.max(growth, 0.5)),
    grasp: Math.max(Math.log2(growth), 0),
  };
}
