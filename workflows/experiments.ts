import type { CustomizationResult } from '../activities/contract.js';
import type { ExperimentKind } from '../src/run-record.js';
import { asCancellation, causedByCancellation, isLeaseLost, reasonOf } from './failures.js';
import { CUSTOMIZATION_ACTIVITY, evaluationActivity } from './contract.js';
import { patienceOf } from './patience.js';
import { runJob } from './run-job.js';
import { endedWithout, newCustomization, newEvaluation } from '../src/run-state.js';
import type { Trial } from './trial.js';

const now = (): string => new Date().toISOString();

/**
 * Evaluates one way of using the candidate, under a use of GPUs unless others serve all models. A failed evaluation is
 * an outcome, kept with its reason; only a cancellation and the loss of its GPUs are thrown.
 */
export async function evaluate(
  trial: Trial,
  kind: ExperimentKind,
  use: string | null,
  customizedModel?: string,
): Promise<void> {
  const { state, activities } = trial;
  const evaluation = newEvaluation(kind, now());
  // Of a try whose GPUs were lost nothing stays.
  state.evaluations = [...state.evaluations.filter((known) => known.kind !== kind), evaluation];
  trial.show();
  try {
    const result = await runJob(
      () =>
        activities.jobs.runEvaluation.executeWithOptions(
          { activityId: evaluationActivity(kind), summary: `evaluate ${trial.model}: ${kind}` },
          [trial.evaluationInput(kind, use, customizedModel)],
        ),
      () =>
        activities.releases.stopEvaluation.executeWithOptions(
          { summary: `stop the evaluation of ${trial.model}: ${kind}` },
          [trial.evaluationName(kind)],
        ),
      (reason) => trial.leftRunning(`The ${evaluationActivity(kind)} evaluation of ${trial.model}`, reason),
    );
    Object.assign(evaluation, result, { status: 'completed', progress: 100, finishedAt: now() });
  } catch (error) {
    if (causedByCancellation(error)) throw asCancellation(error);
    if (isLeaseLost(error)) throw error;
    const reason = `Error running ${evaluationActivity(kind)} evaluation: ${reasonOf(error)}`;
    Object.assign(evaluation, endedWithout('failed', reason, now()));
  }
  trial.show();
}

/** Customizes the candidate; null when that failed, which is an outcome too. */
export async function customize(trial: Trial, use: string): Promise<CustomizationResult | null> {
  const { state, activities } = trial;
  const customization = newCustomization(now());
  state.customization = customization;
  trial.show();
  try {
    const result = await runJob(
      () =>
        activities.jobs.runCustomization.executeWithOptions(
          { activityId: CUSTOMIZATION_ACTIVITY, summary: `customize ${trial.model}` },
          [trial.customizationInput(use)],
        ),
      () =>
        activities.releases.stopCustomization.executeWithOptions(
          { summary: `stop the customization of ${trial.model}` },
          [{ use, patience: patienceOf(trial.input.config.timing, 'customization') }],
        ),
      (reason) => trial.leftRunning(`The customization of ${trial.model}`, reason),
    );
    Object.assign(customization, result, { status: 'completed', progress: 100, finishedAt: now() });
    return result;
  } catch (error) {
    if (causedByCancellation(error)) throw asCancellation(error);
    if (isLeaseLost(error)) throw error;
    const reason = `Error customizing ${trial.model}: ${reasonOf(error)}`;
    Object.assign(customization, endedWithout('failed', reason, now()));
    return null;
  } finally {
    trial.show();
  }
}
