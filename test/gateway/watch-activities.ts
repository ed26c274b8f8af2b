import { Context } from '@temporalio/activity';
import type { JobProgress } from '../../activities/contract.js';

const progress = (externalId: string): JobProgress => ({
  externalId,
  uri: `http://nemo.test/${externalId}`,
  status: 'running',
  percent: 37.5,
  epochsCompleted: 1,
  stepsCompleted: 12,
  trainLoss: 0.75,
  validationLoss: null,
  samplesProcessed: null,
});

/** Says once where the job stands and then waits to be cancelled. */
export const watchActivities = {
  async watch(externalId: string): Promise<void> {
    Context.current().heartbeat(progress(externalId));
    await Context.current().cancelled;
  },
};

export type WatchActivities = typeof watchActivities;
