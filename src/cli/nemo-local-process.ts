import { startNemoLocal } from '../nemo-local/index.js';
import { withOpenAiKey } from './model-options.js';
import type { ChildOptions } from './nemo-local-child.js';
import { describe } from './problem.js';

// nemo-local as a child process: training must block nobody else. It says over its channel where it serves, and ends
// with the process that started it.

// Written by nemo-local-child.ts.
const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
try {
  const nemoLocal = await startNemoLocal({ ...options, ...withOpenAiKey(options, process.env) });
  const { nemoUrl, nimUrl, dataStoreUrl } = nemoLocal;
  const stop = () => void nemoLocal.close().finally(() => process.exit());
  process.on('SIGTERM', stop);
  // Nobody is left to wait for: all is on disk, and the next start wants the ports.
  process.on('disconnect', () => process.exit());
  process.send?.({ addresses: { nemoUrl, nimUrl, dataStoreUrl } });
} catch (error) {
  process.send?.({ problem: describe(error) });
  process.exitCode = 1;
  process.disconnect();
}
