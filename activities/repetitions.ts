import { compareCandidates } from '../src/report/index.js';
import type { Activities } from './contract.js';
import type { ActivityServices } from './services.js';

type Repetitions = Pick<Activities, 'countNewRecords' | 'compareWithRun'>;

/** What repeated runs need to know of the one before. */
export const createRepetitionActivities = ({
  logs,
  runs,
}: Pick<ActivityServices, 'logs' | 'runs'>): Repetitions => ({
  async countNewRecords({ workloadId, clientId }) {
    const completed = { workloadId, clientId, status: 'completed', order: 'newest-first', limit: 1 } as const;
    const [listed] = (await runs.list(completed)).runs;
    const previous = listed && (await runs.get(listed.runId));
    // What came while that run waited was read by it.
    const since = previous ? Date.parse(previous.readingBeganAt ?? previous.startedAt) : 0;
    const counts = await logs.count({ workloadId, clientId, since });
    if (!previous) return { newRecords: counts.all, previous: null };
    // Old records that arrive late make the store larger, those that are thrown away smaller: each is a lower bound.
    const added = counts.all - (previous.funnel?.read ?? 0);
    return { newRecords: Math.max(added, counts.since), previous: previous.runId };
  },

  async compareWithRun({ runId, candidates }) {
    const before = await runs.get(runId);
    if (before === null) return null;
    const { startedAt } = before;
    return { runId, startedAt, candidates: compareCandidates(before.candidates, candidates) };
  },
});
