import { cancellationSignal } from '@temporalio/activity';
import type { Activities } from './contract.js';
import { stopCustomizationJob } from './customizations.js';
import { stopEvaluationJob } from './evaluations.js';
import { allStopped } from './poll.js';
import type { ActivityServices } from './services.js';

/** Whoever was to stop the jobs of a run may have been terminated. */
export const createRunJobActivities = ({ nemo }: ActivityServices): Pick<Activities, 'stopJobsOfRun'> => ({
  async stopJobsOfRun({ runId, models, patience }) {
    const signal = cancellationSignal();
    const trainings: string[] = [];
    const evaluations: string[] = [];
    for (const model of models)
      for (const { id } of await nemo.customizer.ofCandidate(runId, model, signal)) trainings.push(id);
    for await (const { id } of nemo.evaluator.ofRun(runId, signal)) evaluations.push(id);
    await allStopped([
      ...trainings.map((id) => stopCustomizationJob(nemo, id, patience)),
      ...evaluations.map((id) => stopEvaluationJob(nemo, id, patience)),
    ]);
  },
});
