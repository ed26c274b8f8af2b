import { once } from 'node:events';
import { createServer, request } from 'node:http';
import express from 'express';
import { onTestFinished } from 'vitest';
import { ANYBODY } from '../../src/gateway/caller.js';
import { answerErrors } from '../../src/gateway/errors.js';
import type { Intake } from '../../src/gateway/log-intake/intake.js';
import { keepLogs } from '../../src/gateway/routes/post-logs.js';
import { createLogger } from '../../src/logger.js';
import type { LogStore } from '../../src/stores/log-store.js';
import { listening } from '../support/openai-world.js';
import { logRecord } from '../support/stores.js';
import { send } from './gateway-world.js';

export const NDJSON = { 'content-type': 'application/x-ndjson' };
export const records = (count: number) =>
  Array.from({ length: count }, (_, n) => JSON.stringify(logRecord(n)));

/** The route over a store that the test makes. */
export async function aRoute(logs: Pick<LogStore, 'append'>, intake?: Intake) {
  const app = express();
  app.post(
    '/api/logs',
    keepLogs(logs, () => ANYBODY, intake),
  );
  app.use(answerErrors(createLogger('fatal')));
  const url = await listening(createServer(app));
  return {
    url: `${url}/api/logs`,
    call: (body: unknown, headers = {}) => send(`${url}/api/logs`, 'POST', body, headers),
  };
}

/** A request whose body the test sends piece by piece. */
export function aSlowRequest(url: string, headers: Record<string, string> = NDJSON) {
  const sending = request(url, { method: 'POST', headers });
  const answered = once(sending, 'response');
  onTestFinished(() => void sending.destroy());
  return { write: (text: string) => sending.write(text), end: () => sending.end(), answered };
}

/** Takes everything at once. */
export const quickStore = {
  append: (items: readonly unknown[]) =>
    Promise.resolve({ appended: items.length, duplicates: 0, errors: [] }),
};
