import { EventEmitter, once } from 'node:events';
import { Listr, type ListrTask } from 'listr2';
import type { JobDetail, JobNim } from '../gateway/wire.js';
import { candidateProgress, datasetsStep, jobStep, type Step } from './progress.js';

const OPTIONS = {
  concurrent: true,
  exitOnError: false,
  // Ctrl-C is ours: it stops everything that was started, in order.
  registerSignalListeners: false,
  rendererOptions: { collapseSubtasks: false, collapseErrors: false, showErrorMessage: false },
} as const;

/** Progress in a terminal: a line for each step, rewritten as it changes. */
export class TerminalProgress {
  private readonly changes = new EventEmitter().setMaxListeners(0);
  private job: JobDetail | null = null;
  private over = false;
  private display: Promise<unknown> = Promise.resolve();

  show(job: JobDetail): void {
    const first = this.job === null;
    this.job = job;
    if (first) this.display = new Listr(this.tasks(job), OPTIONS).run();
    this.over = job.finished_at !== null;
    this.changes.emit('change');
  }

  /** Leaves the lines as they are now. */
  async end(): Promise<void> {
    this.over = true;
    this.changes.emit('change');
    await this.display;
  }

  private tasks(first: JobDetail): ListrTask[] {
    const candidates = first.nims.map((nim): ListrTask => {
      const steps = candidateProgress(nim).steps.map(({ key, title }) =>
        this.line(title, (job) => stepOf(job.nims, nim.model_name, key)),
      );
      return { title: nim.model_name, task: () => new Listr(steps, OPTIONS) };
    });
    return [this.line('job', jobStep), this.line('datasets', datasetsStep), ...candidates];
  }

  private line(title: string, stepOf: (job: JobDetail) => Step | undefined): ListrTask {
    return {
      title,
      task: async (_, task) => {
        for (;;) {
          const step = this.job ? stepOf(this.job) : undefined;
          if (step) task.title = step.detail === '' ? title : `${title} · ${step.detail}`;
          if (step?.state === 'done') return;
          if (step?.state === 'failed' || this.over) throw new Error(task.title);
          await once(this.changes, 'change');
        }
      },
    };
  }
}

function stepOf(nims: JobNim[], model: string, key: string): Step | undefined {
  const nim = nims.find(({ model_name }) => model_name === model);
  return nim && candidateProgress(nim).steps.find((step) => step.key === key);
}
