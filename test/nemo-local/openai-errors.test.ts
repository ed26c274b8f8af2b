import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { post } from '../support/local-platform.js';
import { aStreamingServer, aWorld, messages, MODEL, servedBy, streamed } from '../support/openai-world.js';

describe('an error of the OpenAI-compatible server', () => {
  const refused = (message: string) => ({ error: { message, type: 't', code: 'c' } });
  test.each([
    [
      401,
      refused('Incorrect API key provided: sk-secret.'),
      /Incorrect API key provided: \*\*\*\. Set OPENAI_API_KEY/,
    ],
    [403, refused('no access'), /no access\. Set OPENAI_API_KEY/],
    [404, { error: "model 'qwen' not found" }, /model 'qwen' not found\. Check the name of the model/],
    [400, { detail: 'context too long' }, /answered 400: context too long\.$/],
    [500, '<html>\n  broken\n</html>', /answered 500: <html> broken <\/html>\.$/],
    [503, '', /answered 503: no reason given\.$/],
  ])('%i comes out as such, in its words and without the key', async (status, body, words) => {
    const { chat, url } = await aWorld(() => ({ status, body }), {
      models: { [MODEL]: 'qwen' },
      key: 'sk-secret',
    });
    const answer = await chat({});
    expect(answer.status).toBe(status);
    const { detail } = z.object({ detail: z.string() }).parse(answer.body);
    expect(detail).toMatch(words);
    expect(detail).toContain(`POST ${url}/v1/chat/completions (its model qwen)`);
    expect(detail).not.toContain('sk-secret');
    expect(await chat({ stream: true })).toMatchObject({ status, body: { detail } });
  });

  test('429 comes with the time to wait', async () => {
    const { chat } = await aWorld(() => ({
      status: 429,
      headers: { 'retry-after': '7' },
      body: refused('slow'),
    }));
    const answer = await chat({});
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
  });

  test.each([
    [302, '', 'answered 302'],
    [200, 'plain words', 'answered 200, but not with a completion'],
    [200, { message: 'hi' }, 'answered 200, but not with a completion'],
  ])('%i with %j is a 502', async (status, body, words) => {
    const { chat } = await aWorld(() => ({ status, body }));
    expect(await chat({})).toMatchObject({ status: 502, body: { detail: expect.stringContaining(words) } });
  });

  test('nobody there is a 502, silence a 504', async () => {
    const silent = await aWorld(() => null, { models: { [MODEL]: 'qwen' }, timeoutMs: 1 });
    expect(await silent.chat({})).toMatchObject({
      status: 504,
      body: { detail: expect.stringContaining('did not answer in time') },
    });
    const { nimUrl } = await servedBy('http://127.0.0.1:9');
    const answer = await post(`${nimUrl}/v1/chat/completions`, { model: MODEL, messages });
    expect(answer).toMatchObject({
      status: 502,
      body: { detail: expect.stringMatching(/gave no answer: .*Is the server running there/) },
    });
  });

  test('in the midst of a stream is told in the stream', async () => {
    const { url } = await aStreamingServer(async (write, cut) => {
      await write('data: {"model":"qwen","choices":[]}\n\ndata: {"mod');
      cut();
    });
    const { nimUrl } = await servedBy(url);
    const events = (await (await streamed(nimUrl)).text()).trim().split('\n\n');
    expect(events).toHaveLength(2);
    const Broken = z.object({ error: z.object({ message: z.string(), code: z.number() }) });
    const { error } = Broken.parse(JSON.parse(events[1]?.replace('data: ', '') ?? ''));
    expect(error).toMatchObject({ code: 502, message: expect.stringContaining('its model qwen') });
  });
});
