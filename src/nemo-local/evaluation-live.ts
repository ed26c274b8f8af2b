import { Router } from 'express';
import { newId, timestamp } from './entity-ids.js';
import type { Evaluation } from './evaluation-config.js';
import { NO_LOG } from './evaluation-log.js';
import { resultOf } from './evaluation-results.js';
import { runTasks, type EvaluationObserver } from './evaluation-tasks.js';
import type { Platform } from './platform.js';

/** `POST /v1/evaluation/live`: evaluates while the caller waits; nothing is kept. */
export function liveRoutes(
  platform: Platform,
  parse: (body: unknown) => { evaluation: Evaluation; namespace: string },
): Router {
  return Router().post('/v1/evaluation/live', async (req, res) => {
    const { evaluation, namespace } = parse(req.body);
    const caller = new AbortController();
    res.on('close', () => caller.abort());
    const job = { ...evaluation, id: newId('eval'), namespace, created_at: timestamp() };
    const details = { message: 'Job completed successfully.', task_status: {}, progress: 100 };
    try {
      const samples = await runTasks(platform, evaluation, observerOf(details.task_status), caller.signal);
      res.json({ status: 'completed', status_details: details, result: resultOf(job, samples) });
    } catch (error) {
      if (caller.signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      res.json({ status: 'failed', status_details: { ...details, message, progress: null } });
    }
  });
}

const observerOf = (statuses: Record<string, string>): EvaluationObserver => ({
  log: NO_LOG,
  started: () => {},
  sampleDone: () => {},
  task(name, status) {
    statuses[name] = status;
  },
});
