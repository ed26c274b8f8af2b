import type { Response } from 'express';
import {
  DISK_ADVICE,
  isDiskError,
  previewRequest,
  TooFewRecords,
  withDatasets,
} from '../../datasets/index.js';
import { SplitError } from '../../records/split.js';
import { type Caller, callerOf } from '../caller.js';
import { type ReadableLogs, visibleLogs } from '../../stores/visible-logs.js';
import { toDatasetDocument } from '../dataset-document.js';
import { HttpError, unavailable } from '../errors.js';
import { jobRequest, requestedJob } from '../job-request.js';
import { AWAY, JOB_BYTES, json, operation, passing, problem } from '../operation.js';
import { type DatasetPreview, datasetPreview } from '../wire-datasets.js';

/** `POST /api/datasets/preview`: what a job's datasets would be; builds them as a job does, and throws them away. */
export const previewDatasets = operation(
  {
    id: 'previewDatasets',
    tag: 'logs and datasets',
    summary: 'What the datasets of a job would be',
    description: 'Builds them as a job does, and throws them away: nothing is uploaded or recorded.',
    body: { limit: JOB_BYTES, content: { 'application/json': jobRequest } },
    answers: {
      200: json('What there is to say of them, and a few rows of each', datasetPreview),
      400: problem('There are too few records, or they cannot be split like that'),
      404: problem('There are no records of this workload and client'),
      429: passing('As many previews are being built as may be'),
      ...AWAY,
    },
  },
  (context) => async (request, response) => {
    const { workloadId, clientId, config } = requestedJob(context.config, request);
    const names = { workloadId, clientId };
    const dataset = previewRequest(names, config);
    const services = {
      logs: visibleTo(callerOf(request), context.logs),
      spoolDir: context.config.services.spoolDir,
      embedding: null,
    };
    const preview = await context.previews
      .run(goneOf(response), (signal) =>
        withDatasets(services, dataset, { signal, onProgress: () => undefined }, async (built) => {
          const { evaluation, inContext, training, validation } = await built.samples();
          const samples = { evaluation, in_context: inContext, training, validation };
          return { ...toDatasetDocument(names, built), samples } satisfies DatasetPreview;
        }),
      )
      .catch((error: unknown) => {
        throw asHttpError(error);
      });
    response.json(preview);
  },
);

/** Who may see all is told of all. */
const visibleTo = ({ clients }: Caller, logs: ReadableLogs): ReadableLogs =>
  clients === null ? logs : visibleLogs(logs, clients);

/** Aborted when the caller goes away before it has its answer. */
function goneOf(response: Response): AbortSignal {
  const gone = new AbortController();
  const end = () => {
    // Nobody reads this answer.
    if (!response.writableEnded) gone.abort(new HttpError(499, 'The caller has closed the connection.'));
  };
  if (response.closed) end();
  else response.on('close', end);
  return gone.signal;
}

function asHttpError(error: unknown): unknown {
  if (error instanceof TooFewRecords)
    return new HttpError(error.isUnknownWorkload ? 404 : 400, error.message);
  if (error instanceof SplitError) return new HttpError(400, error.message);
  if (isDiskError(error)) return unavailable(`${error.message}: ${DISK_ADVICE}`);
  return error;
}
