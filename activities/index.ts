import type { Activities } from './contract.js';
import { secretTexts } from '../src/masked.js';
import { createCustomizationActivities } from './customizations.js';
import { createDatasetActivities } from './datasets.js';
import { createDeploymentActivities } from './deployments.js';
import { createEvaluationActivities } from './evaluations.js';
import { createExpiryActivities } from './expiring.js';
import { classifyFailures } from './failures.js';
import { createLeaseActivities } from './leases.js';
import { createRepetitionActivities } from './repetitions.js';
import { createRecordActivities } from './open-records.js';
import { createReportActivities } from './reports.js';
import { createRunJobActivities } from './run-jobs.js';
import { createRunActivities } from './run-records.js';
import type { ActivityServices } from './services.js';
import { createSweepActivities } from './sweeping.js';

export { configurePool, type GpuPoolStart } from './pool-mail.js';
export { endSweeps, scheduleSweep, unscheduleSweep } from './sweep-schedule.js';

/** Every activity over the services it uses; their errors are classified in one place. */
export const createActivities = (services: ActivityServices): Activities =>
  classifyFailures(secretTexts(services.secrets), {
    ...createDatasetActivities(services),
    ...createDeploymentActivities(services),
    ...createCustomizationActivities(services),
    ...createEvaluationActivities(services),
    ...createLeaseActivities(services),
    ...createReportActivities(services),
    ...createRecordActivities(services),
    ...createRepetitionActivities(services),
    ...createRunActivities(services),
    ...createRunJobActivities(services),
    ...createSweepActivities(services),
    ...createExpiryActivities(services),
  });
