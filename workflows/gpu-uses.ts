import {
  ApplicationFailure,
  CancellationScope,
  condition,
  log,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import {
  uniqueOf,
  useId,
  type HeldUse,
  type Needs,
  type PoolAnswer,
  type PoolMessage,
} from '../src/gpu-pool.js';
import { gpuAnswer, held } from './contract.js';
import { GPUS_DENIED, isLeaseLost, reasonOf } from './failures.js';
import { repeatingProxies, type Proxies } from './proxies.js';

interface OpenUse extends HeldUse {
  answer: PoolAnswer | null;
  /** Of the work that goes on with the GPUs. */
  scope: CancellationScope;
}

/** What a workflow asks of the GPU pool. Each step asks for all that it needs at once, and holds nothing before. */
export class GpuUses {
  private readonly activities: Proxies;
  private readonly changed: () => void;
  private readonly uses = new Map<string, OpenUse>();
  private isRepeating = false;

  /** `changed` is called whenever a use begins, is granted or ends. */
  constructor(activities: Proxies, changed: () => void) {
    this.activities = activities;
    this.changed = changed;
    setHandler(held, () => this.list());
    setHandler(gpuAnswer, (answer) => this.hear(answer));
  }

  list(): HeldUse[] {
    return [...this.uses.values()].map(({ use, needs, state, askedAt }) => ({ use, needs, state, askedAt }));
  }

  /**
   * Runs a step with what it needs, and gives it back whatever happened: jobs of the step are over when it ends. Fails
   * with GPUS_DENIED when the pool refuses, or when a model of it does not deploy or is lost. A step that finds that its
   * GPUs are not its own any more asks for them anew, and begins again.
   */
  async with<T>(step: string, needs: Needs, work: (use: string) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.once(step, needs, work);
      } catch (error) {
        if (!isLeaseLost(error)) throw error;
        log.warn(`${step} begins again: ${reasonOf(error)}`);
      }
    }
  }

  private async once<T>(step: string, needs: Needs, work: (use: string) => Promise<T>): Promise<T> {
    const own = this.open(step, needs);
    try {
      await this.granted(own);
      return await own.scope.run(() => work(own.use));
    } catch (error) {
      const isOurs = !CancellationScope.current().consideredCancelled;
      throw isOurs && own.answer !== null && own.answer.kind !== 'ready' ? denied(own.answer) : error;
    } finally {
      await CancellationScope.nonCancellable(() => this.tell({ kind: 'release', use: own.use }));
      this.uses.delete(own.use);
      this.changed();
    }
  }

  private open(step: string, needs: Needs): OpenUse {
    const use = useId(workflowInfo().workflowId, step, uniqueOf(uuid4()));
    const scope = new CancellationScope();
    const own: OpenUse = { use, needs, state: 'waiting', askedAt: Date.now(), answer: null, scope };
    this.uses.set(use, own);
    this.changed();
    return own;
  }

  private async granted(own: OpenUse): Promise<void> {
    const { use, needs } = own;
    await this.tell({ kind: 'request', use, needs });
    this.beginRepeating();
    await condition(() => own.answer !== null);
    if (own.answer?.kind !== 'ready') throw new ApplicationFailure('not granted');
    own.state = 'holding';
    this.changed();
  }

  /**
   * From the first request to the end of the workflow, whatever waits is asked for again ever more rarely: a pool that
   * was lost may not have heard it. Nothing ends that sooner, since that would stand in the history.
   */
  private beginRepeating(): void {
    if (this.isRepeating) return;
    this.isRepeating = true;
    const { taskQueue } = workflowInfo();
    const { repeatRequests } = repeatingProxies();
    const summary = 'ask again for GPUs that are waited for';
    void CancellationScope.nonCancellable(() =>
      repeatRequests.executeWithOptions({ summary }, [{ taskQueue }]),
    ).catch((error: unknown) => log.warn(`Nothing is asked for again: ${reasonOf(error)}`));
  }

  private hear(answer: PoolAnswer): void {
    const own = this.uses.get(answer.use);
    // What is over, refused or lost stays so: such an answer came late.
    if (!own || (own.answer !== null && answer.kind !== 'failed')) return;
    own.answer = answer;
    if (answer.kind === 'failed') own.scope.cancel();
  }

  private tell(message: PoolMessage): Promise<void> {
    const { taskQueue } = workflowInfo();
    return this.activities.messages.tellPool({ taskQueue, message });
  }
}

function denied(answer: Exclude<PoolAnswer, { kind: 'ready' }>): ApplicationFailure {
  return ApplicationFailure.create({
    type: GPUS_DENIED,
    message: answer.reason,
    nonRetryable: true,
    details: [answer.kind === 'failed' ? answer.model : null],
  });
}
