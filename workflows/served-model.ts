import {
  CancellationScope,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { gpusOf, type LeaseState, type PoolMessage } from '../src/gpu-pool.js';
import { closeModel, servedModelState, type ServedModelInput } from './contract.js';
import { reasonOf } from './failures.js';
import { patienceOf } from './patience.js';
import { proxies, watchProxies, type Proxies } from './proxies.js';
import { runJob } from './run-job.js';
import { showStatus } from './search-attributes.js';

/**
 * Deploys a model for as long as its lease lasts: says when it is up, and when it is gone. It knows none of its users,
 * so none can come while it ends.
 */
export async function servedModel(input: ServedModelInput): Promise<void> {
  const served = new Served(input);
  const reason = input.closing ? null : await served.serve();
  await CancellationScope.nonCancellable(async () => {
    await served.remove();
    await served.tell({ kind: 'freed', lease: input.lease, reason });
  });
  served.show('closing', reason ?? 'closed');
}

class Served {
  private readonly input: ServedModelInput;
  private readonly activities: Proxies;
  private readonly scope = new CancellationScope();
  private state: LeaseState;
  private isForeign = false;
  private isAskedToClose = false;

  constructor(input: ServedModelInput) {
    this.input = input;
    this.activities = proxies(input.timing);
    this.state = input.closing ? 'closing' : 'starting';
    setHandler(servedModelState, () => ({
      lease: input.lease,
      need: input.need,
      state: this.state,
      foreign: this.isForeign,
    }));
    setHandler(closeModel, () => {
      this.isAskedToClose = true;
      this.state = 'closing';
      this.scope.cancel();
    });
  }

  /** Until it is told to close; the reason when it ends without. */
  async serve(): Promise<string | null> {
    const { lease, need } = this.input;
    this.show('starting', `deploying on ${gpusOf(need)} GPUs`);
    try {
      return await this.scope.run(async () => {
        const { foreign } = await this.deploy();
        this.state = 'serving';
        this.isForeign = foreign;
        this.show('serving', foreign ? 'deployed by others, used as it is' : 'ready');
        await this.tell({ kind: 'up', lease, foreign });
        return await this.watch();
      });
    } catch (error) {
      if (this.isAskedToClose) return null;
      return isCancellation(error) ? `the workflow that served ${need.model} was cancelled` : reasonOf(error);
    }
  }

  /** The reason when the deployment dies; one that cannot be looked at serves on. */
  private async watch(): Promise<string> {
    const { need, timing } = this.input;
    const { watchDeployment } = watchProxies(timing);
    const watched = { need, patience: patienceOf(timing, 'deployment') };
    try {
      return await watchDeployment.executeWithOptions({ summary: `watch ${need.model}` }, [watched]);
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.show('serving', `cannot be watched: ${reasonOf(error)}`);
      return await this.scope.cancelRequested;
    }
  }

  private deploy(): Promise<{ foreign: boolean }> {
    const { need, pool, timing } = this.input;
    return runJob(
      () =>
        this.activities.jobs.deployModel.executeWithOptions({ summary: `deploy ${need.model}` }, [
          { need, pool, holder: workflowInfo().workflowId, patience: patienceOf(timing, 'deployment') },
        ]),
      () => this.undeploy(),
      (reason) => this.show('closing', `cannot be removed yet: ${reason}`),
    );
  }

  /** Its GPUs are in use until it is seen to be gone, so nothing ends this but that. */
  async remove(): Promise<void> {
    this.state = 'closing';
    this.show('closing', 'removing the deployment');
    for (;;) {
      try {
        return await this.undeploy();
      } catch (error) {
        this.show('closing', `cannot be removed, trying again: ${reasonOf(error)}`);
        await sleep(this.input.timing.retryMaximumMs);
      }
    }
  }

  private undeploy(): Promise<void> {
    const { need, pool, timing } = this.input;
    return this.activities.removals.undeployModel.executeWithOptions({ summary: `undeploy ${need.model}` }, [
      { need, pool, patience: patienceOf(timing, 'deployment') },
    ]);
  }

  tell(message: PoolMessage): Promise<void> {
    const { taskQueue } = workflowInfo();
    return this.activities.messages.tellPool({ taskQueue, message });
  }

  show(status: LeaseState, words: string): void {
    showStatus(status);
    setCurrentDetails(`**${this.input.need.model}**: ${status}, ${words}`);
  }
}
