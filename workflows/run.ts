import { CancellationScope, setCurrentDetails, upsertMemo } from '@temporalio/workflow';
import { newRunRecord, type RunRecord, type RunRequest, type RunStage } from '../src/run-record.js';
import { runDetails } from './details.js';
import { GpuUses } from './gpu-uses.js';
import { proxies, type Proxies } from './proxies.js';
import { showStatus } from './search-attributes.js';
import { servingStatus } from './serving-status.js';

/** A run while it is open: its record, the activities, and how a change is made known. */
export class Run {
  readonly input: RunRequest;
  readonly activities: Proxies;
  readonly record: RunRecord;
  readonly gpus: GpuUses;
  private readonly scopes = new Map<string, CancellationScope>();
  private readonly unwanted = new Set<string>();
  private kept: Promise<void> = Promise.resolve();

  constructor(input: RunRequest) {
    this.input = input;
    this.activities = proxies(input.config.timing);
    this.record = { ...newRunRecord(input), status: 'running' };
    this.gpus = new GpuUses(this.activities, () => this.showServing());
  }

  /** The scope of a candidate, as part of the one that it is asked for in. */
  scopeOf(model: string): CancellationScope {
    const scope = new CancellationScope();
    this.scopes.set(model, scope);
    if (this.unwanted.has(model)) scope.cancel();
    return scope;
  }

  /** Cancels one candidate alone, also before it has begun. */
  cancelCandidate(model: string): void {
    this.unwanted.add(model);
    this.scopes.get(model)?.cancel();
  }

  /** Enters a stage and makes it known, in the Temporal UI and in the run store. */
  async enter(stage: RunStage): Promise<void> {
    // A run that is being cancelled stays so until it has ended, and one that has ended stays so.
    if (this.record.stage === 'finished') return;
    if (this.record.stage !== 'cancelling' || stage === 'finished') this.record.stage = stage;
    showStatus(this.record.stage === 'cancelling' ? 'cancelling' : this.record.status);
    upsertMemo({ stage: this.record.stage });
    await this.keep();
  }

  /** Puts the record into the run store; one after the other, so that an older one never overwrites a newer one. */
  async keep(): Promise<void> {
    this.show();
    const { recordRun } = this.activities.quick;
    const put = async () => {
      await recordRun.executeWithOptions({ summary: `record: ${this.record.stage}` }, [{ run: this.record }]);
    };
    const keeping = this.kept.then(put);
    this.kept = keeping.catch(() => undefined);
    await keeping;
  }

  show(): void {
    setCurrentDetails(runDetails(this.record));
  }

  /** Shows how far the embedding model is, the only one that a run itself asks for. */
  private showServing(): void {
    const { embeddingModel } = this.record;
    if (embeddingModel)
      embeddingModel.deploymentStatus = servingStatus(this.gpus.list(), embeddingModel.deploymentStatus);
    this.show();
  }

  /** Records the end, also of a cancelled run. */
  async finish(): Promise<void> {
    this.record.finishedAt = new Date().toISOString();
    await CancellationScope.nonCancellable(() => this.enter('finished'));
  }
}
