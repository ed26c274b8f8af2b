import type { Client } from '@temporalio/client';
import type { Secrets } from '../src/config/types.js';
import type { Nemo } from '../src/nemo/index.js';
import type { LogStore } from '../src/stores/log-store.js';
import type { RunStore } from '../src/stores/run-store.js';
import type { GpuPoolStart } from './pool-mail.js';

/** Everything the activities use; made once in the worker's main and handed to `createActivities`. */
export interface ActivityServices {
  nemo: Nemo;
  logs: LogStore;
  runs: RunStore;
  /** Whether there are keys for some clients only: then no run names another client. */
  separatesClients: boolean;
  temporal: Client;
  /** How the GPU pool begins, if it is not there when somebody has something to say to it. */
  gpuPool: GpuPoolStart;
  /** The key of a remote judge goes to the evaluator only, none of them into an error. */
  secrets: Secrets;
  /** Private scratch folder for datasets under construction. */
  spoolDir: string;
}
