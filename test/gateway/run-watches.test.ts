import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import express from 'express';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { EventStream } from '../../src/gateway/events/event-stream.js';
import { eventsSince } from '../../src/gateway/events/job-events.js';
import { RunWatches } from '../../src/gateway/events/run-watches.js';
import { toJobDetail } from '../../src/gateway/job-document.js';
import type { JobDetail } from '../../src/gateway/wire.js';
import { listening } from '../support/listening.js';
import { runRecord } from '../support/stores.js';
import { completedRun } from './job-records.js';

const open = toJobDetail(runRecord(1), 0);
const finished = toJobDetail(completedRun(1), 0);

/** Watches over a source that gives these one after the other, the last one for ever, and counts. */
function watching(...answers: (JobDetail | Error | null)[]) {
  const read = vi.fn((_runId: string) => {
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? null;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  const watches = new RunWatches({ read, everyMs: 1, logger: pino({ level: 'silent' }) });
  onTestFinished(() => watches.close());
  return { watches, read };
}

/** Resolves with all that a listener is told until nothing more comes. */
const told = (watches: RunWatches, runId = 'a') =>
  new Promise<(JobDetail | null)[]>((resolve) => {
    const all: (JobDetail | null)[] = [];
    watches.watch(runId, (job) => {
      all.push(job);
      if (job === null || job.finished_at !== null) resolve(all);
    });
  });

test('a hundred listeners cost a hundred readers, or one is not told the end', async () => {
  const { watches, read } = watching(open, open, finished);
  const all = await Promise.all(Array.from({ length: 100 }, () => told(watches)));
  expect(read).toHaveBeenCalledTimes(3);
  for (const one of all) expect(one).toEqual([open, open, finished]);
});

test('a store that is away for a moment ends the watching', async () => {
  const { watches } = watching(open, new Error('away'), finished);
  expect(await told(watches)).toEqual([open, finished]);
});

test('a job that is deleted is watched for ever', async () => {
  expect(await told(watching(open, null).watches)).toEqual([open, null]);
});

test('a run that nobody listens to any more is read on', async () => {
  const { watches, read } = watching(open);
  const leave: (() => void)[] = [];
  await new Promise<void>((resolve) => {
    for (let n = 0; n < 2; n++) leave.push(watches.watch('a', () => resolve()));
  });
  for (const go of leave) go();
  const calls = read.mock.calls.length;
  // Another run is read meanwhile, again and again.
  await new Promise<void>((resolve) => {
    let count = 0;
    watches.watch('b', () => (count += 1) === 20 && resolve());
  });
  expect(read.mock.calls.filter(([id]) => id === 'a')).toHaveLength(calls);
});

test('the end of the gateway leaves a listener waiting, or takes a new one', async () => {
  const { watches } = watching(open);
  const [before] = [told(watches)];
  await watches.close();
  expect((await before).at(-1)).toBeNull();
  expect(await told(watches)).toEqual([null]);
});

/** A server that streams to one client; resolves when the client has the head of the answer. */
async function aStream(heartbeatMs: number) {
  const app = express();
  const streams: { stream: EventStream; closed: Promise<unknown> }[] = [];
  app.get('/', (_request, response) => {
    streams.push({ stream: new EventStream(response, heartbeatMs), closed: once(response, 'close') });
  });
  const asked = httpRequest(await listening(createServer(app))).end();
  const [answer] = await once(asked, 'response');
  return { ...streams[0]!, answer };
}

test('a stream without events shows no sign of life', async () => {
  const { stream, answer } = await aStream(1);
  let text = '';
  for await (const chunk of answer) {
    text += String(chunk);
    if ((text.match(/: still here\n\n/g) ?? []).length >= 3) stream.end();
  }
  expect(text).toMatch(/^retry: 2000\n\n(?:: still here\n\n){3}/);
});

test('a client that takes nothing is sent more and more', async () => {
  const { stream, closed, answer } = await aStream(60_000);
  answer.on('error', () => undefined);
  answer.pause();
  let isClosed = false;
  void closed.then(() => (isClosed = true));
  const [event] = eventsSince('', { ...open, error: 'x'.repeat(100_000) });
  let sent = 0;
  // What the kernel's buffers take is some MB.
  while (!isClosed && sent < 1_000) {
    stream.send(event!);
    sent += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(isClosed).toBe(true);
});
