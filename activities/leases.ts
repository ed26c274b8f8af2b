import type { Client } from '@temporalio/client';
import { candidateOfHolder, holderOf } from '../src/gpu-pool.js';
import { EXPERIMENT_KINDS } from '../src/run-record.js';
import type { Activities } from './contract.js';
import { beating } from './beating.js';
import { createCustomizationActivities } from './customizations.js';
import { createEvaluationActivities } from './evaluations.js';
import { sendLetters } from './letters.js';
import { lookAt, takeCensus } from './look-around.js';
import { PoolMail } from './pool-mail.js';
import type { ActivityServices } from './services.js';

type LeaseActivities = Pick<
  Activities,
  'tellPool' | 'sendLetters' | 'lookAround' | 'takeCensus' | 'poolWasThere' | 'stopLostJobs'
>;

/** What the pool, its holders and the served models say to each other, and how the pool sees who is there. */
export function createLeaseActivities(services: ActivityServices): LeaseActivities {
  const { temporal, nemo } = services;
  const mail = new PoolMail(temporal, services.gpuPool);
  const { stopCustomization } = createCustomizationActivities(services);
  const { stopEvaluation } = createEvaluationActivities(services);
  return {
    tellPool: ({ taskQueue, message }) => mail.send(taskQueue, message),
    sendLetters: (input) => sendLetters(temporal, input),
    lookAround: ({ workflowIds, graceMs }) => beating(null, lookAt(temporal, workflowIds, graceMs)),
    takeCensus: ({ taskQueue }) => beating(null, takeCensus(temporal, nemo, taskQueue)),

    poolWasThere: ({ workflowId, runId }) => beating(null, wasThereBefore(temporal, workflowId, runId)),

    async stopLostJobs({ lost: { use, isTraining, isHolderGone }, patience }) {
      const candidate = candidateOfHolder(holderOf(use));
      if (candidate === null) return;
      if (isTraining) await stopCustomization({ use, patience });
      if (!isHolderGone) return;
      const { runId, slug } = candidate;
      for (const kind of EXPERIMENT_KINDS) await stopEvaluation({ runId, candidate: slug, kind, patience });
    },
  };
}

/** Whether the workflow had another run than this. */
async function wasThereBefore(temporal: Client, workflowId: string, runId: string): Promise<boolean> {
  for await (const { runId: known } of temporal.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
    if (known !== runId) return true;
  return false;
}
