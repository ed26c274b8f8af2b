import { tmpdir } from 'node:os';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { SendLettersInput, SentLetters } from '../../activities/contract.js';
import { sendLetters } from '../../activities/letters.js';
import { PoolMail } from '../../activities/pool-mail.js';
import { loadConfig } from '../../src/config/index.js';
import { connectClient } from '../../src/temporal.js';
import { asActivity } from '../support/activity-world.js';
import { aFreezableWay } from '../support/freezable-way.js';
import { SETTINGS } from '../workflows/ledger/stage.js';

const { timing } = loadConfig({ file: 'config/demo.yaml', env: {}, dataDir: tmpdir() }).run;

/** No id of a workflow: Temporal refuses whatever is sent to it. */
const UNREACHABLE = '';

const letters = (...receivers: string[]): SendLettersInput['letters'] =>
  receivers.map((to, id) => ({ id, to, content: { kind: 'ready', use: 'a/b/01234567' } }));

async function send(
  address: string,
  given: SendLettersInput['letters'],
  before = () => {},
): Promise<SentLetters> {
  const { client, close } = await connectClient(address);
  onTestFinished(close);
  before();
  const input = { taskQueue: 'flywheel', letters: given, timing };
  return await asActivity().run((sent: SendLettersInput) => sendLetters(client, sent), input);
}

test('a letter that nobody can be sent keeps back those to others, or counts as sent', async () => {
  const { address } = inject('temporal');
  const sent = await send(address, letters(UNREACHABLE, 'nobody', UNREACHABLE, 'nobody', 'no-one'));
  expect({ ...sent, acknowledged: sent.acknowledged.sort() }).toEqual({
    acknowledged: [1, 3, 4],
    lost: expect.arrayContaining(['nobody', 'no-one']) as string[],
  });
  expect(await send(address, letters(UNREACHABLE))).toEqual({ acknowledged: [], lost: [] });
});

test('letters are waited for without end when Temporal hangs', async () => {
  const way = await aFreezableWay(`http://${inject('temporal').address}`);
  const sent = await send(new URL(way.url).host, letters('a', 'b'), () => way.freeze());
  expect(sent).toEqual({ acknowledged: [], lost: [] });
});

test('a message to the pool, or one after it, is waited for without end when Temporal hangs', async () => {
  const way = await aFreezableWay(`http://${inject('temporal').address}`);
  const { client, close } = await connectClient(new URL(way.url).host);
  onTestFinished(close);
  way.freeze();
  const mail = new PoolMail(client, { settings: SETTINGS, timing, continueAfter: null });
  const outcomes: string[] = [];
  const send = () =>
    mail.send('nowhere', { kind: 'wake' }).catch((error: Error) => outcomes.push(error.message));
  await Promise.all([send(), send()]);
  // The second waited for the first, for longer than a message may.
  expect(outcomes).toEqual([
    expect.stringContaining('signalWithStart Workflow') as string,
    expect.stringContaining('slow to take the messages') as string,
  ]);
});
