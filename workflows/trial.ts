import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type {
  CustomizationRef,
  DeploymentRef,
  EvaluationRef,
  Patience,
  RunCustomizationInput,
  RunEvaluationInput,
  UndeployModelInput,
} from '../activities/contract.js';
import {
  newCandidateState,
  type CandidateState,
  type DeploymentStatus,
  type ExperimentKind,
} from '../src/run-record.js';
import { runWorkflowId, type CandidateInput } from './contract.js';
import { candidateDetails } from './details.js';
import { proxies, type Proxies } from './proxies.js';

/** One candidate under trial: its state, the activities, and what each of them is told. */
export class Trial {
  readonly input: CandidateInput;
  readonly activities: Proxies;
  readonly state: CandidateState;

  constructor(input: CandidateInput) {
    this.input = input;
    this.activities = proxies(input.config.timing);
    this.state = {
      ...newCandidateState(this.model),
      status: 'running-evals',
      startedAt: new Date().toISOString(),
    };
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

  setDeployment(status: DeploymentStatus): void {
    this.state.deploymentStatus = status;
    this.show();
  }

  deploymentRef(): UndeployModelInput {
    return {
      namespace: this.input.config.namespace,
      model: this.model,
      holder: workflowInfo().workflowId,
      patience: this.patience('deployment'),
    };
  }

  /** The judge's deployment by this run; null for a judge that others serve. */
  judgeDeployment(): DeploymentRef | null {
    const { runId, config } = this.input;
    const { model, deployment } = config.judge;
    if (deployment.kind === 'external') return null;
    return { namespace: config.namespace, model, holder: runWorkflowId(runId) };
  }

  customizationInput(): RunCustomizationInput {
    const { candidate, config, datasets } = this.input;
    return {
      ...this.customizationRef(),
      candidate,
      training: config.training,
      dataset: datasets.training.name,
    };
  }

  customizationRef(): CustomizationRef & { patience: Patience } {
    const { runId, config } = this.input;
    return {
      runId,
      namespace: config.namespace,
      model: this.model,
      patience: this.patience('customization'),
    };
  }

  evaluationInput(kind: ExperimentKind, customizedModel?: string): RunEvaluationInput {
    const { candidate, config, datasets } = this.input;
    const { deployment } = candidate;
    return {
      ...this.evaluationRef(kind),
      namespace: config.namespace,
      target:
        customizedModel === undefined
          ? { model: this.model, url: deployment.kind === 'external' ? deployment.url : null }
          : { model: customizedModel, url: null },
      judge: config.judge,
      judgeDeployment: this.judgeDeployment(),
      dataset: kind === 'icl' ? datasets.inContext.name : datasets.evaluation.name,
      slices: datasets.slices,
    };
  }

  evaluationRef(kind: ExperimentKind): EvaluationRef & { patience: Patience } {
    return { runId: this.input.runId, candidate: this.model, kind, patience: this.patience('evaluation') };
  }

  patience(step: 'deployment' | 'customization' | 'evaluation'): Patience {
    const { timing } = this.input.config;
    return { pollMs: timing[`${step}PollMs`], stallMs: timing[`${step}StallMs`] };
  }
}
