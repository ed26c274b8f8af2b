import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Listr, type ListrTask } from 'listr2';
import type { JobDetail } from '../gateway/wire.js';
import type { JobClient } from './job-client.js';
import { candidateProgress, datasetsStep, type Step } from './progress.js';

const POLL_MS = 400;

/** Shows a job's progress until it has ended, and returns its last document. */
export async function followJob(
  client: JobClient,
  id: string,
  onTty = process.stdout.isTTY,
): Promise<JobDetail> {
  const first = await untilBegun(client, id);
  return onTty ? await followInTerminal(client, first) : await followInLines(client, first);
}

/** Its candidates are listed from the moment it begins. */
async function untilBegun(client: JobClient, id: string): Promise<JobDetail> {
  for (;;) {
    const job = await client.read(id);
    if (job.nims.length > 0 || job.finished_at !== null) return job;
    await sleep(POLL_MS);
  }
}

const allSteps = (job: JobDetail): Step[] => [
  datasetsStep(job),
  ...job.nims.map(candidateProgress).flatMap((candidate) => [
    candidate,
    ...candidate.steps.map((step) => ({
      ...step,
      title: `${candidate.title} ${step.title}`,
      key: `${candidate.key}/${step.key}`,
    })),
  ]),
];

/** One line for each change of a step's state. */
async function followInLines(client: JobClient, first: JobDetail): Promise<JobDetail> {
  const shown = new Map<string, string>();
  for (let job = first; ; job = await client.read(job.id)) {
    for (const { key, title, state, detail } of allSteps(job)) {
      if (state === 'waiting' || shown.get(key) === state) continue;
      shown.set(key, state);
      console.log(`${title}: ${state}${state === 'running' || detail === '' ? '' : ` · ${detail}`}`);
    }
    if (job.finished_at !== null) return job;
    await sleep(POLL_MS);
  }
}

/** Title of a step's line while it runs and when it has ended. */
const titleOf = ({ title, detail }: Step): string => (detail === '' ? title : `${title} · ${detail}`);

async function followInTerminal(client: JobClient, first: JobDetail): Promise<JobDetail> {
  const changes = new EventEmitter().setMaxListeners(0);
  let job = first;
  const line = (stepOf: (job: JobDetail) => Step | undefined): ListrTask => ({
    title: stepOf(first)?.title ?? '',
    task: async (_, task) => {
      for (;;) {
        const step = stepOf(job);
        if (step) task.title = titleOf(step);
        if (step?.state === 'done') return;
        if (step?.state === 'failed') throw new Error(titleOf(step));
        await once(changes, 'change');
      }
    },
  });
  const candidateOf = (model: string) => {
    const nim = job.nims.find(({ model_name }) => model_name === model);
    return nim && candidateProgress(nim);
  };
  const candidates = first.nims.map(({ model_name, ...rest }) => {
    const keys = candidateProgress({ model_name, ...rest }).steps.map(({ key }) => key);
    const steps = keys.map((key) =>
      line(() => candidateOf(model_name)?.steps.find((step) => step.key === key)),
    );
    return { title: model_name, task: () => new Listr(steps, OPTIONS) } satisfies ListrTask;
  });
  const shown = new Listr([line(datasetsStep), ...candidates], OPTIONS).run();
  while (job.finished_at === null) {
    await sleep(POLL_MS);
    job = await client.read(job.id);
    changes.emit('change');
  }
  await shown;
  return job;
}

const OPTIONS = {
  concurrent: true,
  exitOnError: false,
  rendererOptions: { collapseSubtasks: false, collapseErrors: false, showErrorMessage: false },
} as const;
