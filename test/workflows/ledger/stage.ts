import type { GpuPoolSettings, ModelNeed, Needs, PoolMessage } from '../../../src/gpu-pool.js';
import { receive } from '../../../workflows/ledger/deliver.js';
import { newLedger, type Context, type Lease, type Ledger } from '../../../workflows/ledger/state.js';

export const SETTINGS: GpuPoolSettings = {
  totalGpus: 4,
  idleTtlMs: 600_000,
  patienceMs: 600_000,
  passIntervalMs: 300_000,
  graceMs: 300_000,
};

export const model = (name: string, gpus = 1, tag = '1'): ModelNeed => ({
  model: name,
  namespace: 'ns',
  deployment: { kind: 'managed', image: `registry/${name}`, tag, gpus, pvcSize: null },
});
export const models = (...needed: ModelNeed[]): Needs => ({ models: needed });
export const training = (gpus: number): Needs => ({ training: gpus });

/** A ledger with a clock of its own; a use is called by a short name. */
export class Stage {
  ledger: Ledger;
  now = 1_000_000;
  private ids = 0;
  private waiting: PoolMessage[] | null = null;

  constructor(totalGpus: number | null = 4) {
    this.ledger = newLedger({ ...SETTINGS, totalGpus });
  }

  get context(): Context {
    return { now: this.now, newId: () => `lease${++this.ids}` };
  }

  receive(message: PoolMessage): void {
    if (this.waiting) this.waiting.push(message);
    else receive(this.ledger, [message], this.context);
  }

  /** What is said meanwhile comes all at once. */
  together(say: () => void): void {
    const messages: PoolMessage[] = (this.waiting = []);
    say();
    this.waiting = null;
    receive(this.ledger, messages, this.context);
  }

  request(name: string, needs: Needs): void {
    this.receive({ kind: 'request', use: useOf(name), needs });
  }

  release(name: string): void {
    this.receive({ kind: 'release', use: useOf(name) });
  }

  up(name: string, foreign = false): void {
    this.receive({ kind: 'up', lease: this.lease(name).lease, foreign });
  }

  freed(name: string, reason: string | null = null): void {
    this.receive({ kind: 'freed', lease: this.lease(name).lease, reason });
  }

  lease(name: string): Lease {
    const found = this.ledger.leases.find((lease) => lease.model === name);
    if (!found) throw new Error(`${name} is not leased`);
    return found;
  }

  /** State of a use by its short name; undefined: not in the ledger. */
  state(name: string): string | undefined {
    return this.ledger.uses[useOf(name)]?.state;
  }

  get queue(): string[] {
    return this.ledger.queue.map((use) => use.split('/')[1] ?? '');
  }

  /** What has been posted since it was asked for last: `ready a`, `start judge`, … */
  sent(): string[] {
    const letters = this.ledger.outbox.splice(0);
    return letters.map(({ to, content }) =>
      'use' in content
        ? `${content.kind} ${content.use.split('/')[1]}`
        : `${content.kind}${content.kind === 'start' && content.closing ? ' closing' : ''} ${to.replace(/^served-model-|-lease\d+$/g, '')}`,
    );
  }
}

const HOLDER = `flywheel-${'0'.repeat(24)}-model`;
export const useOf = (name: string): string => `${HOLDER}/${name}/00000000`;
