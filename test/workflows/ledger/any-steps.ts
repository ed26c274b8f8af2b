import fc from 'fast-check';
import { holderOf, servedModelWorkflowId, type PoolMessage } from '../../../src/gpu-pool.js';
import { enterCensus, type Census } from '../../../workflows/ledger/census.js';
import { closeIdle } from '../../../workflows/ledger/leasing.js';
import { pack, unpacked } from '../../../workflows/ledger/pack.js';
import { callRoll, lostUses, mendLeases, reclaim } from '../../../workflows/ledger/pass.js';
import {
  leaseOf,
  newLedger,
  trainingOf,
  type Lease,
  type Ledger,
  type Use,
} from '../../../workflows/ledger/state.js';
import { model, models, SETTINGS, Stage, training, useOf } from './stage.js';

// What may be said to the pool, and what it does by itself, how often and in whatever order.

/** A stage that remembers what it cannot be asked for afterwards. */
export class AnyStage extends Stage {
  /** Messages of this turn. */
  heard: PoolMessage[] = [];
  /** Uses that the pool took back in this turn. */
  takenBack = new Set<string>();
  /** In this turn a pool without memory has begun: whom it has told, and since when the first waits, it has asked. */
  isAnew = false;
  /** Leases that somebody may have called foreign: they count no GPU, all others do. */
  readonly foreign = new Set<string>();
  /** Leases whose served model ended without a word: who was told of them works on while they begin again. */
  readonly restarted = new Set<string>();

  /** Takes a turn; returns the ledger as it was before. */
  take(turn: Step): Ledger {
    const before = structuredClone(this.ledger);
    [this.heard, this.takenBack, this.isAnew] = [[], new Set(), false];
    turn(this);
    return before;
  }

  override receive(message: PoolMessage): void {
    this.heard.push(message);
    super.receive(message);
  }

  takeBack(use: string): void {
    this.takenBack.add(use);
    reclaim(this.ledger, use, this.context);
  }

  ifLeased(what: string, then: () => void): void {
    if (leaseOf(this.ledger, what)) then();
  }
}

export type Step = (stage: AnyStage) => void;

export const NAMES = ['a', 'b', 'c'] as const;
const USES = Array.from({ length: 8 }, (_, n) => `u${n}`);
const name = fc.constantFrom(...NAMES);
const lease = fc.integer({ min: 1, max: 12 }).map((n) => `lease${n}`);
export const use = fc.constantFrom(...USES);
const need = fc.record({ name, tag: fc.constantFrom('1', '2') });
export const needs = fc.oneof(
  fc.integer({ min: 1, max: 5 }).map(training),
  fc
    .uniqueArray(need, { minLength: 1, maxLength: 3, selector: (one) => one.name })
    .map((all) => models(...all.map((one) => model(one.name, 1 + NAMES.indexOf(one.name), one.tag)))),
);

const requested = fc.tuple(use, needs).map(
  ([who, what]): Step =>
    (stage) =>
      stage.request(who, what),
);
const released = use.map(
  (who): Step =>
    (stage) =>
      stage.release(who),
);
const cameUp = fc.tuple(name, fc.boolean()).map(
  ([what, isForeign]): Step =>
    (stage) =>
      stage.ifLeased(what, () => sayUp(stage, stage.lease(what).lease, isForeign)),
);
const wentDown = name.map(
  (what): Step =>
    (stage) =>
      stage.ifLeased(what, () => stage.freed(what, 'it failed')),
);
/** Of a lease that may be over by now, or another's. */
const lateUp = fc.tuple(lease, fc.boolean()).map(
  ([id, isForeign]): Step =>
    (stage) =>
      sayUp(stage, id, isForeign),
);
const lateDown = lease.map(
  (id): Step =>
    (stage) =>
      stage.receive({ kind: 'freed', lease: id, reason: 'it is an old one' }),
);
const orphaned = name.map(
  (what): Step =>
    (stage) =>
      stage.receive({ kind: 'orphan', need: model(what) }),
);
const later = fc.constantFrom(1, 1_000, 1_000_000).map(
  (ms): Step =>
    (stage) =>
      void (stage.now += ms),
);

/** The pool grows or shrinks; what an older worker says counts no more. */
const configured = fc
  .record({ totalGpus: fc.integer({ min: 1, max: 6 }), at: fc.integer({ min: 0, max: 9 }) })
  .map(
    ({ totalGpus, at }): Step =>
      (stage) =>
        stage.receive({ kind: 'configure', settings: { ...SETTINGS, totalGpus }, at }),
  );

export const step = fc.oneof(
  { weight: 8, arbitrary: requested },
  { weight: 6, arbitrary: released },
  { weight: 6, arbitrary: cameUp },
  { weight: 4, arbitrary: wentDown },
  { weight: 2, arbitrary: lateUp },
  { weight: 2, arbitrary: lateDown },
  { weight: 2, arbitrary: orphaned },
  { weight: 3, arbitrary: later },
  { weight: 3, arbitrary: configured },
);

function sayUp(stage: AnyStage, id: string, isForeign: boolean): void {
  // Else nobody hears of it.
  const isStarting = stage.ledger.leases.some((one) => one.lease === id && one.state === 'starting');
  if (isForeign && isStarting) stage.foreign.add(id);
  stage.receive({ kind: 'up', lease: id, foreign: isForeign });
}

/** What the pool does by itself: gives back what is lost, closes what is idle, looks around, begins anew, goes on as new. */
const done: fc.Arbitrary<Step> = fc.oneof(
  use.map(
    (who): Step =>
      (stage) =>
        stage.takeBack(useOf(who)),
  ),
  fc.constant<Step>((stage) => closeIdle(stage.ledger, SETTINGS.idleTtlMs, stage.context)),
  fc.subarray([...NAMES], { minLength: 1 }).map(
    (gone): Step =>
      (stage) =>
        lookAtServed(stage, gone),
  ),
  fc.record({ state: fc.constantFrom('open', 'gone', 'unknown'), held: fc.subarray(USES) }).map(
    ({ state, held }): Step =>
      (stage) =>
        lookAtHolder(stage, { state, held: held.map(useOf) }),
  ),
  fc.subarray([...NAMES]).map(
    (unheard): Step =>
      (stage) =>
        beginAnew(stage, unheard),
  ),
  fc.constant<Step>((stage) => {
    stage.ledger = unpacked(JSON.parse(JSON.stringify(pack(stage.ledger))) as Ledger);
  }),
);

/** What happens in one turn of the pool: often much comes at once. */
export const turn: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: step },
  {
    weight: 5,
    arbitrary: fc.array(step, { minLength: 2, maxLength: 5 }).map(
      (steps): Step =>
        (stage) =>
          stage.together(() => steps.forEach((take) => take(stage))),
    ),
  },
  { weight: 2, arbitrary: done },
);

/** Models are up and have been used, each at another time. */
export const warmUp: fc.Arbitrary<Step[]> = fc.shuffledSubarray([...NAMES]).map((order) => [
  ...order.map((what): Step => (stage) => {
    stage.request(`of-${what}`, models(model(what, 1 + NAMES.indexOf(what))));
    stage.ifLeased(what, () => stage.up(what));
  }),
  ...order.toReversed().map((what): Step => (stage) => {
    stage.now += 1_000;
    stage.release(`of-${what}`);
  }),
]);

/** The served models of some are gone, those of others open. */
function lookAtServed(stage: AnyStage, gone: readonly string[]): void {
  stage.ledger.outbox = [];
  const seen = stage.ledger.leases.map(({ model: leased, lease: id }) => [
    servedModelWorkflowId(leased, id),
    { state: gone.includes(leased) ? 'gone' : 'open' },
  ]);
  const before = structuredClone(stage.ledger.leases);
  mendLeases(stage.ledger, callRoll(stage.ledger), Object.fromEntries(seen), stage.context);
  noteRestarted(stage, before);
}

function noteRestarted(stage: AnyStage, before: readonly Lease[]): void {
  const known = new Set(before.map(({ lease: id }) => id));
  for (const { lease: id } of stage.ledger.leases) if (!known.has(id)) stage.restarted.add(id);
}

/** All uses are of one holder. */
function lookAtHolder(stage: AnyStage, sighting: { state: 'open' | 'gone' | 'unknown'; held: string[] }) {
  const seen = { [holderOf(useOf('any'))]: sighting };
  for (const lost of lostUses(stage.ledger, callRoll(stage.ledger), seen)) stage.takeBack(lost.use);
}

/** A pool without memory asks everybody; the served models of some were never started, and their deployments left. */
function beginAnew(stage: AnyStage, unheard: readonly string[]): void {
  stage.isAnew = true;
  const { uses, leases, settings } = stage.ledger;
  const isTold = ({ state }: Use) => state === 'told';
  const holders = Object.entries(uses).filter(([, known]) => known.state !== 'failed');
  const census: Census = {
    uses: holders.map(([id, known]) => ({
      use: id,
      needs: stage.ledger.needs[known.needs]!,
      state: isTold(known) ? 'holding' : 'waiting',
      askedAt: known.askedAt,
    })),
    served: leases
      .filter(({ model: leased }) => !unheard.includes(leased))
      .map(({ lease: id, state, ...known }) => ({
        lease: id,
        state,
        foreign: known.gpus === 0,
        need: known,
      })),
    deployments: leases.filter(({ gpus }) => gpus > 0),
    trainings: holders.flatMap(([id, known]) => {
      const gpus = trainingOf(stage.ledger, id);
      return isTold(known) && gpus > 0 ? [{ use: id, gpus }] : [];
    }),
  };
  stage.ledger = newLedger(settings);
  enterCensus(stage.ledger, census, stage.context);
  noteRestarted(stage, leases);
}
