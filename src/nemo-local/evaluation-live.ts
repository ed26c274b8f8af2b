import { Router } from 'express';
import { messageOf } from '../message-of.js';
import { newId, timestamp } from './entity-ids.js';
import type { Evaluation } from './evaluation-config.js';
import { notingLog } from './evaluation-log.js';
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
    const details = { task_status: {}, progress: 100 };
    const problems: string[] = [];
    const observer = observerOf(details.task_status, problems);
    try {
      const samples = await runTasks(platform, evaluation, observer, caller.signal);
      const status_details = { message: messageFor(problems), ...details };
      res.json({ status: 'completed', status_details, result: resultOf(job, samples) });
    } catch (error) {
      if (caller.signal.aborted) return;
      const message = messageOf(error);
      res.json({ status: 'failed', status_details: { ...details, message, progress: null } });
    }
  });
}

/** Nothing is kept, a log neither: the answer itself says why scores are missing. */
function messageFor([first, ...others]: string[]): string {
  if (first === undefined) return 'Job completed successfully.';
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `Job completed, but scores are missing: ${first}${more}`;
}

const observerOf = (statuses: Record<string, string>, problems: string[]): EvaluationObserver => ({
  log: notingLog(problems),
  started: () => {},
  sampleDone: () => {},
  task(name, status) {
    statuses[name] = status;
  },
});
