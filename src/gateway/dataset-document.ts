import type { BuiltFiles } from '../datasets/index.js';
import { toFunnel, toWorkloadType } from './job-document.js';
import type { DatasetDocument } from './wire-datasets.js';

/** What there is to say of datasets but for their rows. */
export const toDatasetDocument = (
  { workloadId, clientId }: { workloadId: string; clientId: string },
  { workloadType, funnel, sizes, tools, warnings }: BuiltFiles,
): DatasetDocument => ({
  workload_id: workloadId,
  client_id: clientId,
  workload_type: toWorkloadType(workloadType),
  sizes: {
    evaluation: sizes.evaluation,
    in_context: sizes.evaluation,
    training: sizes.training,
    validation: sizes.validation,
  },
  funnel: toFunnel(funnel),
  tools,
  warnings,
});
