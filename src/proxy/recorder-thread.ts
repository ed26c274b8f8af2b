import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createLogger } from '../logger.js';
import { newCounts } from './counts.js';
import { Delivery } from './delivery.js';
import { gatewayTarget } from './gateway-target.js';
import { OwnerTarget } from './owner-target.js';
import type { FromThread, RecorderSettings, ToThread } from './recorder-messages.js';
import { Spooler } from './spooler.js';
import { Spool } from './spool.js';
import { storeTarget, type Target, type TargetSettings } from './target.js';

// The thread of the proxy that makes records of what passed, keeps them on disk and brings them to the store, so that no
// answer waits for any of it.

// Only recorder.ts starts this module.
const settings: RecorderSettings = workerData;
const say = (message: FromThread) => parentPort?.postMessage(message);

// On Linux a priority is a thread's, and passing answers on goes before.
if (process.platform === 'linux') setPriority(10);

const logger = createLogger(settings.logLevel);
const counts = newCounts();
const spool = new Spool(settings.spool.folder, settings.spool.limitBytes);
if (spool.cut > 0) {
  counts.dropped.crash = spool.cut;
  logger.error({ dropped: spool.cut }, 'records that were cut by a crash are dropped');
}
const owner = new OwnerTarget(say);
const target = await targetOf(settings.target);
const spooler = new Spooler({ spool, counts, logger });
const delivery = new Delivery({ spool, target, counts, logger });

parentPort?.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'exchange':
      spooler.take(message.exchange);
      return say({ kind: 'taken' });
    case 'status': {
      const { waiting, waitingBytes } = spool;
      const status = { counts, waiting, waitingBytes, problem: delivery.problem };
      return say({ kind: 'status', id: message.id, status });
    }
    case 'appended':
      return owner.settle(message.id, message.result);
    case 'stop':
      return void stop();
  }
});
say({ kind: 'ready' });

async function stop(): Promise<void> {
  await delivery.stop();
  spool.close();
  await target.close();
  say({ kind: 'stopped' });
}

async function targetOf(target: TargetSettings): Promise<Target> {
  if (target.kind === 'owner') return owner;
  return target.kind === 'gateway' ? gatewayTarget(target.url, target.key) : await storeTarget(target.store);
}
