import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { candidateOfHolder, type HeldUse, holderOf } from '../src/gpu-pool.js';
import { EXPERIMENT_KINDS } from '../src/run-record.js';
import { held } from '../workflows/contract.js';
import { ask } from './ask.js';
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
  | 'tellPool'
  | 'repeatRequests'
  | 'sendLetters'
  | 'lookAround'
  | 'takeCensus'
  | 'poolWasThere'
  | 'stopLostJobs'
>;

/** What the pool, its holders and the served models say to each other, and how the pool sees who is there. */
export function createLeaseActivities(services: ActivityServices): LeaseActivities {
  const { temporal, nemo } = services;
  const mail = new PoolMail(temporal, services.gpuPool);
  const { stopCustomization } = createCustomizationActivities(services);
  const { stopEvaluation } = createEvaluationActivities(services);
  return {
    tellPool: ({ taskQueue, message }) => mail.send(taskQueue, message),

    async repeatRequests({ taskQueue }) {
      const { attempt, workflowExecution } = activityInfo();
      // The workflow has only just asked.
      if (attempt > 1) await askAgain(temporal, mail, taskQueue, workflowExecution?.workflowId ?? '');
      throw ApplicationFailure.create({
        type: 'again',
        message: 'what is still waited for is asked for again at the next attempt',
        category: ApplicationFailureCategory.BENIGN,
      });
    },

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

/** Of a holder that is terminated meanwhile a request may come late: the pool's next pass takes it for nobody's. */
async function askAgain(temporal: Client, mail: PoolMail, taskQueue: string, holder: string): Promise<void> {
  const uses = await ask<HeldUse[]>(temporal, holder, held.name);
  const waiting = uses.filter(({ state }) => state === 'waiting');
  await Promise.all(waiting.map(({ use, needs }) => mail.send(taskQueue, { kind: 'request', use, needs })));
}

/** Whether the workflow had another run than this. */
async function wasThereBefore(temporal: Client, workflowId: string, runId: string): Promise<boolean> {
  for await (const { runId: known } of temporal.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
    if (known !== runId) return true;
  return false;
}
