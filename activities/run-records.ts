import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { datasetNames } from '../src/ids.js';
import { runWorkflowId } from '../workflows/contract.js';
import type { Activities } from './contract.js';
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
      const handle = temporal.workflow.getHandle(runWorkflowId(runId));
      while (await isOpen(() => handle.describe())) {
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

/** A workflow that is past its retention is gone, and so closed. */
async function isOpen(describe: () => Promise<{ status: { name: string } }>): Promise<boolean> {
  try {
    return (await describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
