import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  sleep,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { uniqueOf, type PoolMessage } from '../src/gpu-pool.js';
import { leases, poolMessages, useStates, type GpuPoolInput } from './contract.js';
import { reasonOf } from './failures.js';
import { receive } from './ledger/deliver.js';
import { closeIdle, nextIdleEnd } from './ledger/leasing.js';
import { acknowledge, type Letter } from './ledger/outbox.js';
import { canBePassedOn, pack, unpacked } from './ledger/pack.js';
import { callRoll, lostUses, mendLeases, reclaim, whoToLookAt, type LostUse } from './ledger/pass.js';
import { isEmpty, newLedger, type Context, type Ledger } from './ledger/state.js';
import { stateOfUse, viewOf } from './ledger/view.js';
import { patienceOf } from './patience.js';
import { poolDetails } from './pool-details.js';
import { poolProxies, type PoolProxies } from './pool-proxies.js';

const LETTERS_AT_A_TIME = 100;
const LOOK = 'look around';

/** The pool while it is open. Everything that changes the ledger does so at once, in one turn of the workflow. */
export class Pool {
  readonly activities: PoolProxies;
  readonly ledger: Ledger;
  isInCensus: boolean;
  private readonly input: GpuPoolInput;
  private readonly inbox: PoolMessage[] = [];
  /** Holders that a letter did not reach. */
  private readonly suspects: Set<string>;
  private taken = 0;
  private isRetiring: boolean;
  private isSending = false;
  /** Receivers whom a letter could not be sent to: theirs wait, those of others go on. */
  private readonly resting = new Set<string>();
  /** What goes on besides: a look around, and the stopping of jobs, by the use that they belong to. */
  private readonly ongoing = new Map<string, CancellationScope>();
  private isAwakened = false;

  constructor(input: GpuPoolInput) {
    this.input = input;
    this.activities = poolProxies(input.timing);
    this.isInCensus = input.ledger === null;
    this.ledger = input.ledger ? unpacked(input.ledger) : newLedger(input.settings);
    this.suspects = new Set(input.suspects);
    this.isRetiring = input.isRetiring;
    setHandler(leases, () => viewOf(this.ledger, this.isInCensus));
    setHandler(useStates, (uses) =>
      uses.map((use) => (this.isInCensus ? 'census' : stateOfUse(this.ledger, use))),
    );
    // Nothing else: what a message changes is decided in the pool's own turn.
    setHandler(poolMessages, (messages) => void this.inbox.push(...messages));
    void CancellationScope.current().cancelRequested.catch(() => {
      this.isRetiring = true;
      this.isAwakened = true;
    });
    this.show();
  }

  context(): Context {
    return { now: Date.now(), newId: () => uniqueOf(uuid4()) };
  }

  /** Takes all that has come: a busy pool has little time between two signals. */
  takeMessages(): void {
    this.isAwakened = false;
    const messages = this.inbox.splice(0);
    if (messages.length > 0) receive(this.ledger, messages, this.context());
    this.taken += messages.length;
    closeIdle(this.ledger, this.idleTtlMs(), this.context());
    if (isEmpty(this.ledger)) this.ledger.lookedAt = Date.now();
    this.show();
  }

  isOver(): boolean {
    return this.isRetiring && isEmpty(this.ledger);
  }

  isTired(): boolean {
    const { continueAfter } = this.input;
    if (continueAfter !== null && this.taken >= continueAfter) return true;
    return workflowInfo().continueAsNewSuggested;
  }

  /**
   * Hands the ledger over when nothing is under way; what is still to be sent stands in the outbox. Returns if that is so
   * much that Temporal would not take it.
   */
  async continueAsNew(): Promise<void> {
    if (!canBePassedOn(pack(this.ledger))) return;
    for (const scope of this.ongoing.values()) scope.cancel();
    await condition(() => !this.isSending && this.ongoing.size === 0);
    this.takeMessages();
    const ledger = pack(this.ledger);
    if (!canBePassedOn(ledger)) return;
    await continueAsNew<(input: GpuPoolInput) => Promise<void>>({
      ...this.input,
      ledger,
      suspects: [...this.suspects],
      isRetiring: this.isRetiring,
    });
  }

  sendLetters(): void {
    if (this.isSending) return;
    const letters = this.ledger.outbox.filter(({ to }) => !this.resting.has(to)).slice(0, LETTERS_AT_A_TIME);
    if (letters.length === 0) return;
    this.isSending = true;
    void this.send(letters)
      .catch((error: unknown) => this.pauseAfter('send letters', error))
      .finally(() => {
        this.isSending = false;
        this.isAwakened = true;
      });
  }

  /** What the pool cannot do is tried again later, for ever: it has nobody whom it could leave it to. */
  async pauseAfter(what: string, error: unknown): Promise<void> {
    log.warn(`The pool cannot ${what} now: ${reasonOf(error)}`);
    await CancellationScope.nonCancellable(() => sleep(this.input.timing.retryMaximumMs));
  }

  private async send(letters: readonly Letter[]): Promise<void> {
    const { taskQueue } = workflowInfo();
    const { timing } = this.input;
    const { acknowledged, lost } = await this.activities.letters.sendLetters.executeWithOptions(
      {
        summary: letters
          .map(({ content }) => content.kind)
          .join(', ')
          .slice(0, 100),
      },
      [{ taskQueue, letters: [...letters], timing }],
    );
    acknowledge(this.ledger, acknowledged);
    for (const receiver of lost) this.suspects.add(receiver);
    const arrived = new Set(acknowledged);
    const left = letters.filter(({ id }) => !arrived.has(id)).map(({ to }) => to);
    if (left.length > 0) void this.rest([...new Set(left)]);
  }

  /** Their letters are tried again after a pause. */
  private async rest(receivers: readonly string[]): Promise<void> {
    for (const receiver of receivers) this.resting.add(receiver);
    await this.pauseAfter('send letters', `no letter reaches ${receivers.join(', ').slice(0, 1_000)}`);
    for (const receiver of receivers) this.resting.delete(receiver);
    this.isAwakened = true;
  }

  /** The liveness pass, when it is due, and a look at holders that a letter did not reach. */
  lookAround(): void {
    if (this.ongoing.has(LOOK)) return;
    const isDue = Date.now() >= this.nextLook();
    const holders = isDue ? undefined : new Set(this.suspects);
    if (!isDue && this.suspects.size === 0) return;
    this.suspects.clear();
    if (isDue) this.ledger.lookedAt = Date.now();
    this.begin(LOOK, () => this.look(holders).catch((error: unknown) => this.lookLater(error, holders)));
  }

  /** A look that was broken off is due again, in the next run of this pool. */
  private lookLater(error: unknown, holders: ReadonlySet<string> | undefined): never {
    if (isCancellation(error)) {
      if (!holders) this.ledger.lookedAt = 0;
      for (const holder of holders ?? []) this.suspects.add(holder);
    }
    throw error;
  }

  /**
   * Goes on beside the pool's turns, and ends when it continues as new, which begins looks again; the next pass finds
   * what else was broken off.
   */
  private begin(what: string, work: () => Promise<void>): void {
    const scope = new CancellationScope();
    this.ongoing.set(what, scope);
    void scope
      .run(work)
      .catch((error: unknown) => {
        if (!scope.consideredCancelled) log.warn(`The pool cannot ${what} now: ${reasonOf(error)}`);
      })
      .finally(() => {
        this.ongoing.delete(what);
        this.isAwakened = true;
      });
  }

  private async look(holders: ReadonlySet<string> | undefined): Promise<void> {
    const roll = callRoll(this.ledger, holders);
    const workflowIds = whoToLookAt(roll);
    if (workflowIds.length === 0) return;
    const { graceMs } = this.ledger.settings;
    const seen = await this.activities.looks.lookAround.executeWithOptions(
      { summary: `look at ${workflowIds.length} who hold or serve` },
      [{ workflowIds, graceMs }],
    );
    mendLeases(this.ledger, roll, seen, this.context());
    for (const lost of lostUses(this.ledger, roll, seen)) {
      const what = `reclaim ${lost.use}`;
      if (!this.ongoing.has(what)) this.begin(what, () => this.reclaim(lost));
    }
  }

  /** A use is forgotten only when its jobs are seen to be stopped; one that cannot be stopped is tried again. */
  private async reclaim(lost: LostUse): Promise<void> {
    const { timing } = this.input;
    // Others wait for these GPUs: looked at as often as a deployment, however seldom a training is.
    const patience = { ...patienceOf(timing, 'customization'), pollMs: timing.deploymentPollMs };
    if (lost.isTraining || lost.isHolderGone)
      await this.activities.reclaims.stopLostJobs.executeWithOptions(
        { summary: `stop what is left of ${lost.use}` },
        [{ lost, patience }],
      );
    reclaim(this.ledger, lost.use, this.context());
  }

  /** Until there is a message, something was sent or seen, or a time has come. */
  async somethingHappens(): Promise<void> {
    const happened = () => this.inbox.length > 0 || this.isAwakened;
    const times = [nextIdleEnd(this.ledger, this.idleTtlMs()) ?? Infinity, this.nextLook()];
    const waitMs = Math.max(1, Math.min(...times) - Date.now());
    if (waitMs === Infinity) await condition(happened);
    else await condition(happened, waitMs);
  }

  private nextLook(): number {
    const { uses, leases, settings, lookedAt } = this.ledger;
    const isNobodyThere = Object.keys(uses).length === 0 && leases.length === 0;
    // One that is under way may outlast the interval; its end awakens the pool.
    return isNobodyThere || this.ongoing.has(LOOK) ? Infinity : lookedAt + settings.passIntervalMs;
  }

  private idleTtlMs(): number {
    return this.isRetiring ? 0 : this.ledger.settings.idleTtlMs;
  }

  private show(): void {
    setCurrentDetails(poolDetails(viewOf(this.ledger, this.isInCensus)));
  }
}
