import type { JobDetail } from '../../src/gateway/wire.js';
import { connectClient } from '../../src/temporal.js';
import { SERVED_MODEL } from '../../workflows/contract.js';
import { platformOf } from '../support/observe.js';
import type { Installation } from './installation.js';

/** What differs between two runs of the same seed: who they are, and when they ran. */
const OF_ONE_RUN = /^(id|name|nmp_uri|customized_model|runtime_seconds|.*_at)$/;

/** All that a run has to say but for who and when: its scores, counts and statuses. */
export const resultOf = (job: JobDetail): unknown =>
  JSON.parse(
    JSON.stringify(job, (key, value: unknown) => (OF_ONE_RUN.test(key) ? undefined : value)),
  ) as unknown;

/** What a run has made on the platform: the state of its jobs, and for each dataset its files and their history. */
export async function madeBy({ nemoUrl, dataStoreUrl }: Installation, { id, datasets }: JobDetail) {
  const { customizations, evaluations, ...made } = await platformOf(nemoUrl, id);
  return {
    customizations: customizations.map(({ status }) => status),
    evaluations: evaluations.map(({ status }) => status),
    datasets: made.datasets.length,
    repositories: await Promise.all(datasets.map(({ name }) => contentOf(dataStoreUrl, name))),
  };
}

/** Each file with its git hash, and the titles of the commits that put them there. */
async function contentOf(dataStoreUrl: string, name: string) {
  const read = async <T>(path: string): Promise<T[]> => {
    const response = await fetch(`${dataStoreUrl}/v1/hf/api/datasets/flywheel/${name}/${path}`);
    if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
    return (await response.json()) as T[];
  };
  const files = await read<{ path: string; oid: string; type: string }>('tree/main?recursive=true');
  const commits = await read<{ title: string }>('commits/main');
  return {
    files: files.flatMap(({ path, oid, type }) => (type === 'file' ? [{ path, oid }] : [])),
    commits: commits.map(({ title }) => title),
  };
}

const SERVED = /^served-model-(.+)-[0-9a-f]{8}$/;

/** How many leases each deployment has had, by `<namespace>/<name>`. */
export async function leasesOf({ temporalAddress }: Installation): Promise<Record<string, number>> {
  const { client, close } = await connectClient(temporalAddress);
  const leases: Record<string, number> = {};
  const query = `WorkflowType = "${SERVED_MODEL}"`;
  for await (const { workflowId } of client.workflow.list({ query })) {
    const name = `flywheel/${SERVED.exec(workflowId)?.[1]}`;
    leases[name] = (leases[name] ?? 0) + 1;
  }
  await close();
  return leases;
}
