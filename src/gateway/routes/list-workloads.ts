import { z } from 'zod';
import { clientsOf } from '../caller.js';
import { naiveUtc, toJobListItem } from '../job-document.js';
import { AWAY, json, operation } from '../operation.js';
import { count, moment } from '../wire-words.js';
import { type JobListItem, jobListItem } from '../wire.js';

const workload = z
  .object({
    workload_id: z.string(),
    client_id: z.string(),
    records: count,
    first_at: moment.nullable().describe('null: no time of a record could be read'),
    last_at: moment.nullable(),
    tool_share: z.number().min(0).max(1).describe('of `sampled` records, those whose answer calls a tool'),
    sampled: count.describe('the newest records that were looked into, at most 100'),
    last_job: jobListItem
      .pick({ id: true, status: true, started_at: true, finished_at: true, stage: true })
      .nullable()
      .describe('as the store has it; null: there was none, or it is deleted'),
  })
  .meta({ id: 'Workload' });

type Workload = z.output<typeof workload>;

/** `GET /api/workloads`: what there are records of. */
export const listWorkloads = operation(
  {
    id: 'listWorkloads',
    tag: 'logs and datasets',
    summary: 'What there are records of: how many, from when, and what was made of them last',
    answers: { 200: json('Workloads, by their names', z.object({ workloads: z.array(workload) })), ...AWAY },
  },
  ({ logs, runs }) =>
    async (request, response) => {
      const clients = clientsOf(request);
      const [summaries, toolUse, lastRuns] = await Promise.all([
        logs.workloads(clients),
        logs.toolUse(clients),
        runs.lastRuns(clients),
      ]);
      const uses = new Map(toolUse.map((use) => [keyOf(use), use]));
      const last = new Map(lastRuns.map((run) => [keyOf(run), toJobListItem(run)]));
      const workloads = summaries.map((summary): Workload => {
        const { sampled = 0, withTools = 0 } = uses.get(keyOf(summary)) ?? {};
        const job = last.get(keyOf(summary));
        return {
          workload_id: summary.workloadId,
          client_id: summary.clientId,
          records: summary.records,
          first_at: momentOf(summary.firstAt),
          last_at: momentOf(summary.lastAt),
          tool_share: sampled === 0 ? 0 : withTools / sampled,
          sampled,
          last_job: job ? lastJobOf(job) : null,
        };
      });
      response.json({ workloads });
    },
);

const keyOf = ({ workloadId, clientId }: { workloadId: string; clientId: string }): string =>
  JSON.stringify([workloadId, clientId]);

/** 0: no time could be read. */
const momentOf = (epochMs: number): string | null => (epochMs === 0 ? null : naiveUtc(epochMs));

const lastJobOf = ({ id, status, started_at, finished_at, stage }: JobListItem) => ({
  id,
  status,
  started_at,
  finished_at,
  stage,
});
