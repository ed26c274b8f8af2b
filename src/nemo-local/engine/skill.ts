import { z } from 'zod';
import type { ArgumentSkill } from './argument-scorer.js';
import { LowRankHead } from './low-rank-head.js';
import type { Template } from './template.js';
import type { Adapter } from './types.js';

/** What customization taught a model. */
export interface Skill {
  /** Which function to call, or to answer in words. */
  decision: LowRankHead;
  /** Which kind of plain answer to give; one label per template. */
  wording: LowRankHead;
  templates: readonly Template[];
  arguments: ArgumentSkill;
}

/** Turns a skill into plain JSON data; of each weight array the rows that are not all zero, as base64. */
export function toAdapter(
  baseModel: string,
  { decision, wording, templates, arguments: skill }: Skill,
): Adapter {
  return {
    baseModel,
    decision: encodeHead(decision),
    wording: encodeHead(wording),
    templates,
    arguments: {
      weights: encodeRows(skill.weights, 1),
      recurring: Object.fromEntries(skill.recurring),
      presence: Object.fromEntries(skill.presence),
    },
  };
}

const decoded = new WeakMap<Adapter, Skill>();

/** Reads an adapter that `toAdapter` wrote, possibly through a file; decoded once per object. */
export function toSkill(adapter: Adapter): Skill {
  const known = decoded.get(adapter) ?? decode(adapter);
  decoded.set(adapter, known);
  return known;
}

const EncodedRows = z.object({ length: z.int(), rows: z.string(), values: z.string() });
const EncodedHead = z.object({
  labels: z.array(z.string()),
  rank: z.int(),
  down: EncodedRows,
  up: EncodedRows,
});
const EncodedSkill = z.object({
  decision: EncodedHead,
  wording: EncodedHead,
  templates: z.array(z.string()),
  arguments: z.object({
    weights: EncodedRows,
    recurring: z.record(z.string(), z.array(z.json())),
    presence: z.record(z.string(), z.number()),
  }),
});

function decode(adapter: Adapter): Skill {
  const { decision, wording, templates, arguments: skill } = EncodedSkill.parse(adapter);
  return {
    decision: decodeHead(decision),
    wording: decodeHead(wording),
    templates,
    arguments: {
      weights: decodeRows(skill.weights, 1),
      recurring: new Map(Object.entries(skill.recurring)),
      presence: new Map(Object.entries(skill.presence)),
    },
  };
}

function encodeHead({ labels, rank, down, up }: LowRankHead): z.infer<typeof EncodedHead> {
  return { labels: [...labels], rank, down: encodeRows(down, rank), up: encodeRows(up, rank) };
}

function decodeHead({ labels, rank, down, up }: z.infer<typeof EncodedHead>): LowRankHead {
  return new LowRankHead(labels, rank, decodeRows(down, rank), decodeRows(up, rank));
}

function encodeRows(weights: Float32Array, width: number): z.infer<typeof EncodedRows> {
  const rows: number[] = [];
  for (let row = 0; row < weights.length / width; row++) {
    if (weights.subarray(row * width, (row + 1) * width).some((weight) => weight !== 0)) rows.push(row);
  }
  const values = rows.flatMap((row) => [...weights.subarray(row * width, (row + 1) * width)]);
  return {
    length: weights.length,
    rows: toBase64(Uint32Array.from(rows)),
    values: toBase64(Float32Array.from(values)),
  };
}

function decodeRows({ length, rows, values }: z.infer<typeof EncodedRows>, width: number): Float32Array {
  const weights = new Float32Array(length);
  const stored = new Float32Array(fromBase64(values));
  new Uint32Array(fromBase64(rows)).forEach((row, i) => {
    weights.set(stored.subarray(i * width, (i + 1) * width), row * width);
  });
  return weights;
}

function toBase64(array: Uint32Array | Float32Array): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');
}

/** Copied, since a pooled buffer need not start at a multiple of four. */
function fromBase64(text: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(text, 'base64')).buffer;
}
