import type { JobDetail } from '../gateway/wire.js';
import { allSteps } from './progress.js';

/** Progress without a terminal: one line for each change of a step's state. */
export class LineProgress {
  private readonly shown = new Map<string, string>();

  show(job: JobDetail): void {
    for (const { key, title, state, detail } of allSteps(job)) {
      if (state === 'waiting' || this.shown.get(key) === state) continue;
      this.shown.set(key, state);
      console.log(`${title}: ${state}${state === 'running' || detail === '' ? '' : ` · ${detail}`}`);
    }
  }

  async end(): Promise<void> {}
}
