import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { datasetNames } from '../src/ids.js';
import { runWorkflowId } from '../workflows/contract.js';
import type { Activities } from './contract.js';
import { workflowStanding } from './workflow-status.js';
import type { ActivityServices } from './services.js';

type RunActivities = Pick<
  Activities,
  'recordRun' | 'requestCancellation' | 'awaitRunClosed' | 'deleteDatasets' | 'deleteRunRecord'
>;

const CLOSED_POLL_MS = 200;

export function createRunActivities({ nemo, runs, temporal }: ActivityServices): RunActivities {
  return {
    async recordRun({ run }) {
      await runs.put(run);
    },

    async requestCancellation({ workflowId }) {
      await temporal.workflow.getHandle(workflowId).cancel();
    },

    async awaitRunClosed({ runId }) {
      while ((await workflowStanding(temporal, runWorkflowId(runId))).status === 'open') {
        heartbeat();
        await sleep(CLOSED_POLL_MS);
      }
    },

    async deleteDatasets({ runId, workloadId, namespace }) {
      for (const name of Object.values(datasetNames(workloadId, runId))) {
        await nemo.dataStore.deleteDataset({ namespace, name }, cancellationSignal());
        await nemo.entityStore.deleteDataset({ namespace, name }, cancellationSignal());
      }
    },

    async deleteRunRecord({ runId }) {
      await runs.delete(runId);
    },
  };
}
