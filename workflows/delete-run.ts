import { setCurrentDetails } from '@temporalio/workflow';
import { candidateWorkflowId, runWorkflowId, type DeleteRunInput } from './contract.js';
import { proxies } from './proxies.js';

/**
 * Deletes what a finished run left behind: deployments, if it was terminated, customized models, evaluations, datasets
 * and, last, its record.
 */
export async function deleteRun({ runId, workloadId, config }: DeleteRunInput): Promise<void> {
  const { deletions, releases } = proxies(config.timing);
  const { namespace } = config;
  const models = config.candidates.map(({ model }) => model);
  const patience = { pollMs: config.timing.deploymentPollMs, stallMs: config.timing.deploymentStallMs };
  const holders = [
    { model: config.judge.model, holder: runWorkflowId(runId) },
    ...models.map((model) => ({ model, holder: candidateWorkflowId(runId, model) })),
  ];

  setCurrentDetails(`Deleting what run ${runId} left behind; its record goes last.`);
  await deletions.awaitRunClosed.executeWithOptions({ summary: 'wait for the run to end' }, [{ runId }]);
  await Promise.all([
    ...holders.map(({ model, holder }) =>
      releases.undeployModel.executeWithOptions({ summary: `undeploy ${model} if it was left` }, [
        { namespace, model, holder, patience },
      ]),
    ),
    ...models.map((model) =>
      deletions.deleteCustomization.executeWithOptions({ summary: `delete the customized ${model}` }, [
        { runId, namespace, model },
      ]),
    ),
    deletions.deleteEvaluations.executeWithOptions({ summary: 'delete the evaluations' }, [{ runId }]),
    deletions.deleteDatasets.executeWithOptions({ summary: 'delete the datasets' }, [
      { runId, workloadId, namespace },
    ]),
  ]);
  await deletions.deleteRunRecord.executeWithOptions({ summary: 'delete the record' }, [{ runId }]);
}
