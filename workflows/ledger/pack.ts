import { forgetUnusedNeeds, type Ledger, type Use } from './state.js';

// Pure: the ledger as it passes from one run of the pool to the next, where Temporal takes 2 MB at most and warns from
// half a megabyte on. With thousands of uses nearly all of it are their ids, as long as few letters wait with them.

/** Leaves room for names that are no ASCII, and for whom the pool wanted to look at. */
export const LARGEST_PACKED = 1_000_000;

/** A ledger full of letters, as after the end of a model that thousands use, is handed over when they are sent. */
export const canBePassedOn = (packed: PackedLedger): boolean =>
  JSON.stringify(packed).length <= LARGEST_PACKED;

/** Uses in the order in which they asked: `<use> <state> <key of its needs> <when it asked, base 36>`, about 100 bytes each. */
export interface PackedLedger extends Omit<Ledger, 'uses' | 'queue'> {
  packed: string[];
  failures: Record<string, NonNullable<Use['failure']>>;
}

export function pack(ledger: Ledger): PackedLedger {
  forgetUnusedNeeds(ledger);
  const { uses, queue, ...rest } = ledger;
  // Those that wait are the last, in their order: who waits stands behind nobody who does not.
  const granted = Object.keys(uses).filter((use) => uses[use]?.state !== 'queued');
  const failures: PackedLedger['failures'] = {};
  const packed = [...granted, ...queue].flatMap((use) => {
    const known = uses[use];
    if (!known) return [];
    if (known.failure) failures[use] = known.failure;
    return [[use, known.state, known.needs, known.askedAt.toString(36)].join(' ')];
  });
  return { ...rest, packed, failures };
}

export function unpack({ packed, failures, ...rest }: PackedLedger): Ledger {
  const uses: Ledger['uses'] = {};
  const queue: string[] = [];
  for (const line of packed) {
    const fields = line.split(' ');
    // A use may hold spaces: its holder is named after a model.
    const [state = '', needs = '', askedAt = ''] = fields.splice(-3);
    const use = fields.join(' ');
    const failure = failures[use];
    uses[use] = {
      state: stateOf(state),
      needs,
      askedAt: parseInt(askedAt, 36),
      ...(failure ? { failure } : {}),
    };
    if (state === 'queued') queue.push(use);
  }
  return { ...rest, uses, queue };
}

const STATES = ['queued', 'held', 'told', 'failed'] as const;

function stateOf(word: string): Use['state'] {
  const state = STATES.find((one) => one === word);
  if (!state) throw new Error(`a use of the ledger is ${word}, which nobody knows`);
  return state;
}

/** What a pool of an earlier version handed over is not packed. */
export const unpacked = (ledger: Ledger | PackedLedger): Ledger =>
  'packed' in ledger ? unpack(ledger) : ledger;
