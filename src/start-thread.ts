import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts the module `name` that stands beside the caller, whose `import.meta.url` is `beside`, in a thread of its own,
 * built or from source.
 */
export function startThread(beside: string, name: string, options: WorkerOptions): Worker {
  const extension = extname(new URL(beside).pathname);
  const module = new URL(`./${name}${extension}`, beside);
  if (extension === '.js') return new Worker(module, options);
  // Threads do not inherit the loader of TypeScript, and Node 20 takes no `--import` for them.
  const loader = import.meta.resolve('tsx/esm/api');
  const start = `import('${loader}').then(({ register }) => { register(); return import('${module.href}'); });`;
  return new Worker(start, { ...options, eval: true });
}
