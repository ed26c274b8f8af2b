import { cancellationSignal } from '@temporalio/activity';
import type { Activities } from './contract.js';
import { stopCustomizationJob } from './customizations.js';
import { stopEvaluationJob } from './evaluations.js';
import type { ActivityServices } from './services.js';

/** Whoever was to stop the jobs of a run may have been terminated. */
export const createRunJobActivities = ({ nemo }: ActivityServices): Pick<Activities, 'stopJobsOfRun'> => ({
  async stopJobsOfRun({ runId, models, patience }) {
    const signal = cancellationSignal();
    const stops: Promise<void>[] = [];
    for (const model of models)
      for (const { id } of await nemo.customizer.ofCandidate(runId, model, signal))
        stops.push(stopCustomizationJob(nemo, id, patience));
    for await (const { id } of nemo.evaluator.ofRun(runId, signal))
      stops.push(stopEvaluationJob(nemo, id, patience));
    await Promise.all(stops);
  },
});
