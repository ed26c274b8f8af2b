import { setCurrentDetails } from '@temporalio/workflow';
import type { DeleteRunInput } from './contract.js';
import { patienceOf } from './patience.js';
import { proxies } from './proxies.js';

/**
 * Deletes what a finished run left behind: stops jobs that nobody has stopped, then deletes customized models,
 * evaluations, datasets and, last, its record. What was deployed for it is the GPU pool's.
 */
export async function deleteRun({ runId, workloadId, config }: DeleteRunInput): Promise<void> {
  const { deletions, ends, releases } = proxies(config.timing);
  const { namespace, timing } = config;
  const models = config.candidates.map(({ model }) => model);

  setCurrentDetails(`Deleting what run ${runId} left behind; its record goes last.`);
  await ends.awaitRunClosed.executeWithOptions({ summary: 'wait for the run to end' }, [{ runId, models }]);
  const patience = patienceOf(timing, 'customization');
  await releases.stopJobsOfRun.executeWithOptions({ summary: 'stop jobs that still run' }, [
    { runId, models, patience },
  ]);
  await Promise.all([
    ...models.map((model) =>
      deletions.deleteCustomization.executeWithOptions({ summary: `delete the customized ${model}` }, [
        { runId, model },
      ]),
    ),
    deletions.deleteEvaluations.executeWithOptions({ summary: 'delete the evaluations' }, [{ runId }]),
    deletions.deleteDatasets.executeWithOptions({ summary: 'delete the datasets' }, [
      { runId, workloadId, namespace },
    ]),
  ]);
  await deletions.deleteRunRecord.executeWithOptions({ summary: 'delete the record' }, [{ runId }]);
}
