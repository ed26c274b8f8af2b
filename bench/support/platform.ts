import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { specOf } from '../../src/gpu-pool.js';
import { createNemo } from '../../src/nemo/index.js';
import { Http } from '../../src/nemo/http.js';

const Urls = z.object({ nemoUrl: z.string(), nimUrl: z.string(), dataStoreUrl: z.string() });
const Job = z.looseObject({ id: z.string(), status: z.string() });

export type BenchPlatform = Awaited<ReturnType<typeof startPlatform>>;

/** A nemo-local in a process of its own, at time scale 0, and what a benchmark asks of it. */
async function startPlatform(folder: string) {
  const child = fork(new URL('./platform-process.ts', import.meta.url), [join(folder, 'platform')], {
    execArgv: [...process.execArgv, '--import', 'tsx'],
  });
  const [said]: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  const urls = Urls.parse(said, { error: () => 'nemo-local did not start' });
  const nemo = createNemo({ ...urls, hfToken: 'bench', embeddingApiKey: null });
  const http = new Http('nemo-local', urls.nemoUrl);

  return {
    nimUrl: urls.nimUrl,
    /** Uploads rows as JSON lines, by path, as dataset `bench/{name}`. */
    async upload(name: string, files: Record<string, readonly unknown[]>): Promise<void> {
      const locals = Object.entries(files).map(([path, rows]) => ({
        path,
        rows,
        localPath: join(folder, name, path),
      }));
      for (const { localPath, rows } of locals) {
        await mkdir(dirname(localPath), { recursive: true });
        await writeFile(localPath, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      }
      const dataset = { namespace: 'bench', name };
      await nemo.dataStore.createDataset(dataset);
      await nemo.dataStore.uploadFiles(dataset, locals);
      await nemo.entityStore.registerDataset({ ...dataset, project: 'bench' });
    },
    async deploy(model: string): Promise<void> {
      const name = model.replaceAll('/', '-');
      const deployment = { kind: 'managed', image: model, tag: null, gpus: 1, pvcSize: null } as const;
      const need = { namespace: 'bench', model, deployment };
      const owner = { installation: 'bench', pool: 'bench', holder: 'bench', spec: specOf(need) };
      await nemo.deployments.create({ need, owner });
      while ((await nemo.deployments.get('bench', name))?.status !== 'ready') await sleep(10);
    },
    /** Runs a job to its end; resolves with the seconds that it took. Rejects when it does not complete. */
    async run(jobsPath: string, body: unknown): Promise<number> {
      const started = performance.now();
      const { id } = await http.json('POST', jobsPath, Job, { body });
      for (;;) {
        const { status, ...job } = await http.json('GET', `${jobsPath}/${id}`, Job);
        if (status === 'completed') return (performance.now() - started) / 1000;
        if (status === 'failed' || status === 'cancelled')
          throw new Error(`job ${id} is ${status}: ${JSON.stringify(job['status_details'])}`);
        await sleep(20);
      }
    },
    async stop(): Promise<void> {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

/** Gives a benchmark its platform, and leaves nothing of it behind. */
export async function withPlatform(bench: (platform: BenchPlatform) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-bench-'));
  try {
    const platform = await startPlatform(folder);
    try {
      await bench(platform);
    } finally {
      await platform.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
