import type { EvaluationJob } from './evaluation-job.js';
import { deleteResults } from './evaluation-results.js';
import type { Sample } from './evaluation-sample.js';
import { runTasks, type EvaluationObserver } from './evaluation-tasks.js';
import { isDue, strikeJob } from './job-faults.js';
import type { Platform } from './platform.js';

/** Scores a job's rows until its fault strikes, if it has one: then nothing more is asked of any model. */
export async function untilFault(
  platform: Platform,
  job: EvaluationJob,
  observer: EvaluationObserver,
  signal: AbortSignal,
): Promise<Map<string, Sample[]>> {
  const fault = platform.faults.of('evaluation', job.id);
  const stop = new AbortController();
  let at = { done: 0, total: 0 };
  const note = (done: number, total: number) => {
    at = { done, total };
    if (isDue(fault, at)) stop.abort();
  };
  const watching: EvaluationObserver = {
    ...observer,
    started(total) {
      observer.started(total);
      note(0, total);
    },
    sampleDone() {
      // What was under way when it struck is not counted any more.
      if (stop.signal.aborted) return;
      observer.sampleDone();
      note(at.done + 1, at.total);
    },
  };
  try {
    const samples = await runTasks(platform, job, watching, AbortSignal.any([signal, stop.signal]));
    stop.signal.throwIfAborted();
    return samples;
  } catch (error) {
    const vanish = () => {
      platform.evaluations.delete(job.id);
      deleteResults(platform.dataDir, job.id);
    };
    if (stop.signal.aborted) await strikeJob(fault, { what: 'evaluation', ...at, signal, vanish });
    throw error;
  }
}
