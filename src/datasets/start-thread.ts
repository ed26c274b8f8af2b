import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Starts a module of this folder as a thread. */
export function startThread(name: string, options: WorkerOptions): Worker {
  const extension = extname(fileURLToPath(import.meta.url));
  const module = new URL(`./${name}${extension}`, import.meta.url);
  if (extension !== '.ts') return new Worker(module, options);
  // From source, as tests do: a thread does not take over the loader that reads TypeScript.
  const load = `import('tsx/esm/api').then(({ register }) => { register(); return import('${module.href}'); })`;
  return new Worker(load, { ...options, eval: true });
}
