import { setCurrentDetails } from '@temporalio/workflow';
import type { DeleteRunInput } from './contract.js';
import { proxies } from './proxies.js';

const RETRIES = { heartbeatTimeoutMs: 60_000, retryInitialMs: 1_000, retryMaximumMs: 60_000 };

/** Deletes what a finished run left behind: customized models, evaluations, datasets and, last, its record. */
export async function deleteRun(input: DeleteRunInput): Promise<void> {
  const { deletions } = proxies(RETRIES);
  const { runId, workloadId, namespace, models } = input;
  setCurrentDetails(`Deleting what run ${runId} left behind; its record goes last.`);
  await deletions.awaitRunClosed({ runId });
  await Promise.all([
    ...models.map((model) => deletions.deleteCustomization({ runId, namespace, model })),
    deletions.deleteEvaluations({ runId }),
    deletions.deleteDatasets({ runId, workloadId, namespace }),
  ]);
  await deletions.deleteRunRecord({ runId });
}
