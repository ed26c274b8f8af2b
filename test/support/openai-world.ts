import { createServer } from 'node:http';
import type { NemoLocal, OpenAiOptions } from '../../src/nemo-local/index.js';
import { anAnsweringServer, type Answering, type Asked } from './answering-server.js';
import { listening } from './listening.js';
import { aDeployment, aPlatform, post } from './local-platform.js';

export { listening };

export const MODEL = 'meta/tiny-3b';
export const messages = [{ role: 'user', content: 'hi' }];

export const completion = {
  id: 'x',
  object: 'chat.completion',
  model: 'qwen',
  system_fingerprint: 'fp',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
};

/** An OpenAI-compatible server, and a nemo-local with deployed models in front of it. */
export async function aWorld(
  answer: (asked: Asked) => Answering | null,
  options: Partial<OpenAiOptions> = { models: { [MODEL]: 'qwen' } },
  deployed = [MODEL],
) {
  const server = await anAnsweringServer(answer);
  const platform = await aPlatform({ openAi: { url: server.url, key: null, ...options } });
  for (const model of deployed) await aDeployment(platform, model);
  const chat = (body: object, model = MODEL) =>
    post(`${platform.nimUrl}/v1/chat/completions`, { model, messages, ...body });
  return { ...server, platform, chat };
}

export const bodiesOf = (asked: Asked[]): unknown[] => asked.map(({ body }) => JSON.parse(body));

export async function servedBy(url: string): Promise<NemoLocal> {
  const platform = await aPlatform({ openAi: { url, key: null, models: { [MODEL]: 'qwen' } } });
  await aDeployment(platform, MODEL);
  return platform;
}

export const streamed = (nimUrl: string, init: RequestInit = {}) =>
  fetch(`${nimUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, messages, stream: true }),
    ...init,
  });

/** Writes its answer piece by piece; `cut` breaks the connection off. */
export async function aStreamingServer(
  answer: (write: (piece: string | Buffer) => Promise<void>, cut: () => void) => Promise<void>,
) {
  const server = createServer((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = (piece: string | Buffer) =>
      new Promise<void>((resolve, reject) =>
        res.write(piece, (error) => (error ? reject(error) : resolve())),
      );
    void answer(write, () => res.destroy()).then(() => res.end());
  });
  return { url: await listening(server) };
}
