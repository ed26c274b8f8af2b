import { type ApplicationFailure, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type {
  EvaluationName,
  Patience,
  RunCustomizationInput,
  RunEvaluationInput,
} from '../activities/contract.js';
import { newCandidateState, type CandidateState, type ExperimentKind } from '../src/run-record.js';
import { gpuPoolWorkflowId, type CandidateInput } from './contract.js';
import type { ModelNeed } from '../src/gpu-pool.js';
import { candidateDetails } from './details.js';
import { GpuUses } from './gpu-uses.js';
import { patienceOf } from './patience.js';
import { proxies, type Proxies } from './proxies.js';
import { endedWithout } from '../src/run-state.js';
import { servingStatus } from './serving-status.js';

/** One candidate under trial: its state, the activities, and what each of them is told. */
export class Trial {
  readonly input: CandidateInput;
  readonly activities: Proxies;
  readonly state: CandidateState;
  readonly gpus: GpuUses;

  constructor(input: CandidateInput) {
    this.input = input;
    this.activities = proxies(input.config.timing);
    this.state = {
      ...newCandidateState(this.model),
      status: 'running-evals',
      startedAt: new Date().toISOString(),
    };
    this.gpus = new GpuUses(this.activities, () => this.showServing());
  }

  get model(): string {
    return this.input.candidate.model;
  }

  /** Shows the state in the Temporal UI. */
  show(): void {
    setCurrentDetails(candidateDetails(this.state));
  }

  /** A job of this candidate could not be stopped: somebody has to. */
  leftRunning(what: string, reason: string): void {
    this.state.error = `${what} could not be stopped and may still run on the platform: ${reason}`;
    this.show();
  }

  /** A step did not get what it needs: the evaluations that ran in it end with the reason. */
  denied(error: ApplicationFailure, kinds: readonly ExperimentKind[]): void {
    const { state } = this;
    const judge = this.input.config.judge.model;
    const model: unknown = error.details?.[0];
    const what = model === this.model ? this.model : `the judge ${judge}`;
    const reason = model === null ? error.message : `Error deploying ${what}: ${error.message}`;
    if (model === this.model) state.deploymentStatus = 'failed';
    if (model === judge) state.judge = { deploymentStatus: 'failed', error: reason };
    for (const evaluation of state.evaluations)
      if (kinds.includes(evaluation.kind) && evaluation.status === 'running')
        Object.assign(evaluation, endedWithout('failed', reason, new Date().toISOString()));
    state.error ??= reason;
    this.show();
  }

  /** Shows how far the models are that this candidate needs. */
  private showServing(): void {
    const { state, input } = this;
    const uses = this.gpus.list().filter(({ needs }) => 'models' in needs);
    if (input.candidate.deployment.kind === 'managed')
      state.deploymentStatus = servingStatus(uses, state.deploymentStatus);
    if (input.config.judge.deployment.kind === 'managed')
      state.judge = { ...state.judge, deploymentStatus: servingStatus(uses, state.judge.deploymentStatus) };
    this.show();
  }

  /** All that an evaluation needs; a model that others serve is not asked for. */
  servedModels(): ModelNeed[] {
    const { candidate, config } = this.input;
    const { namespace, judge } = config;
    const wanted = judge.model === candidate.model ? [candidate] : [judge, candidate];
    return wanted.flatMap(({ model, deployment }) =>
      deployment.kind === 'managed' ? [{ model, namespace, deployment }] : [],
    );
  }

  customizationInput(use: string): RunCustomizationInput {
    const { candidate, config, datasets } = this.input;
    return {
      use,
      pool: this.pool(),
      namespace: config.namespace,
      candidate,
      training: config.training,
      dataset: datasets.training.name,
      patience: patienceOf(config.timing, 'customization'),
    };
  }

  evaluationInput(kind: ExperimentKind, use: string | null, customizedModel?: string): RunEvaluationInput {
    const { candidate, config, datasets } = this.input;
    const { deployment } = candidate;
    return {
      ...this.evaluationName(kind),
      namespace: config.namespace,
      target:
        customizedModel === undefined
          ? { model: this.model, url: deployment.kind === 'external' ? deployment.url : null }
          : { model: customizedModel, url: null },
      judge: config.judge,
      dataset: kind === 'icl' ? datasets.inContext.name : datasets.evaluation.name,
      slices: datasets.slices,
      gpus: use === null ? null : { use, pool: this.pool() },
    };
  }

  private pool(): string {
    return gpuPoolWorkflowId(workflowInfo().taskQueue);
  }

  evaluationName(kind: ExperimentKind): EvaluationName & { patience: Patience } {
    const { runId, config } = this.input;
    return { runId, candidate: this.model, kind, patience: patienceOf(config.timing, 'evaluation') };
  }
}
