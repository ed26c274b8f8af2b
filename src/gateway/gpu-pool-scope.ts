import type { GpuPoolDocument, GpuUser } from './gpu-pool-document.js';

/** What stands in the place of a workflow of another client. */
const HIDDEN = 'hidden';

/** The runs that hold or wait. */
export const runsIn = (pool: GpuPoolDocument): string[] => [
  ...new Set(usersIn(pool).flatMap(({ job_id: id }) => (id === null ? [] : [id]))),
];

/**
 * The pool as a key may see it: who of another client holds or waits is not named, what they take is. A problem of the
 * census may name anybody.
 */
export function withoutForeign(pool: GpuPoolDocument, own: ReadonlySet<string>): GpuPoolDocument {
  const shown = <T extends GpuUser>(user: T): T =>
    user.job_id === null || own.has(user.job_id) ? user : { ...user, workflow_id: HIDDEN, job_id: null };
  return {
    ...pool,
    census_problem: pool.census_problem && HIDDEN,
    models: pool.models.map((model) => ({ ...model, users: model.users.map(shown) })),
    trainings: pool.trainings.map(shown),
    queue: pool.queue.map(shown),
  };
}

const usersIn = ({ models, trainings, queue }: GpuPoolDocument): GpuUser[] => [
  ...models.flatMap(({ users }) => users),
  ...trainings,
  ...queue,
];
