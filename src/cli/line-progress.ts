import type { JobDetail } from '../gateway/wire.js';
import { type Progress, progressOf, type Step } from './progress.js';

/** Progress without a terminal: one line for each change of a step's state. */
export class LineProgress implements Progress {
  private readonly shown = new Map<string, string>();

  show(job: JobDetail): void {
    for (const group of progressOf(job)) {
      this.step(group.key, group.title, group);
      for (const step of group.steps)
        this.step(`${group.key}/${step.key}`, `${group.title} ${step.title}`, step);
    }
  }

  say(line: string): void {
    console.log(line);
  }

  end(): void {}

  private step(key: string, title: string, { state, detail }: Step): void {
    if (state === 'waiting' || this.shown.get(key) === state) return;
    this.shown.set(key, state);
    console.log(`${title}: ${state}${state === 'running' || detail === '' ? '' : ` · ${detail}`}`);
  }
}
