import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { datasetNames } from '../src/ids.js';
import type { DatasetName } from '../src/nemo/data-store.js';
import { runWorkflowId } from '../workflows/contract.js';
import type { Activities } from './contract.js';
import { isClosedFor, workflowStanding } from './workflow-status.js';
import type { ActivityServices } from './services.js';

type RunActivities = Pick<
  Activities,
  | 'recordRun'
  | 'requestCancellation'
  | 'awaitRunClosed'
  | 'deleteDatasets'
  | 'removeDatasets'
  | 'deleteRunRecord'
>;

const CLOSED_POLL_MS = 200;

export function createRunActivities({ nemo, runs, temporal, gpuPool }: ActivityServices): RunActivities {
  const removeDatasets = async (datasets: readonly DatasetName[]) => {
    for (const dataset of datasets) {
      await nemo.dataStore.deleteDataset(dataset, cancellationSignal());
      await nemo.entityStore.deleteDataset(dataset, cancellationSignal());
    }
  };
  return {
    async recordRun({ run }) {
      await runs.put(run);
    },

    async requestCancellation({ workflowId }) {
      await temporal.workflow.getHandle(workflowId).cancel();
    },

    async awaitRunClosed({ runId }) {
      for (;;) {
        const standing = await workflowStanding(temporal, runWorkflowId(runId));
        if (standing.status === 'unknown') return;
        const { status, isTornDown } = standing;
        if (status === 'closed' && (!isTornDown || isClosedFor(standing, gpuPool.settings.graceMs))) return;
        heartbeat();
        await sleep(CLOSED_POLL_MS);
      }
    },

    async deleteDatasets({ runId, workloadId, namespace }) {
      const names = Object.values(datasetNames(workloadId, runId));
      await removeDatasets(names.map((name) => ({ namespace, name })));
    },

    removeDatasets: ({ datasets }) => removeDatasets(datasets),

    async deleteRunRecord({ runId }) {
      await runs.delete(runId);
    },
  };
}
