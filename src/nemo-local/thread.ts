import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Starts one of our modules in a thread of its own, built or from source; `workerData` is cloned into it. */
export function startThread(name: string, workerData: unknown): Worker {
  const extension = extname(fileURLToPath(import.meta.url));
  const module = new URL(`./${name}${extension}`, import.meta.url);
  if (extension === '.js') return new Worker(module, { workerData });
  // Threads do not inherit the loader of TypeScript, and Node 20 takes no `--import` for them.
  const loader = import.meta.resolve('tsx/esm/api');
  const start = `import('${loader}').then(({ register }) => { register(); return import('${module.href}'); });`;
  return new Worker(start, { eval: true, workerData });
}
