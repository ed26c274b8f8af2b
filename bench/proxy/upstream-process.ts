import { createServer } from 'node:http';
import { listeningUrl } from './listening-url.js';

// An OpenAI-compatible API that answers at once, as JSON or as a stream, in a process of its own; says its URL over IPC.

const WORDS = 'The order was sent on Monday and will be with you by the end of the week, as agreed. '.repeat(
  8,
);
const head = { id: 'chatcmpl-bench', created: 1_700_000_000, model: 'bench' };

const whole = JSON.stringify({
  ...{ ...head, object: 'chat.completion' },
  choices: [{ index: 0, message: { role: 'assistant', content: WORDS }, finish_reason: 'stop' }],
});

const chunk = (delta: object, finish_reason: string | null) =>
  `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const chunks = [
  ...WORDS.split(/(?<= )/).map((content) => chunk({ content }, null)),
  `${chunk({}, 'stop')}data: [DONE]\n\n`,
];

const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  let body = '';
  request.on('data', (bytes: Buffer) => (body += bytes.toString('latin1')));
  request.on('end', () => {
    if (!body.includes('"stream":true')) {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(whole),
      });
      return response.end(whole);
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const one of chunks) response.write(one);
    return response.end();
  });
});
process.send?.({ url: await listeningUrl(server) });
process.on('disconnect', () => process.exit());
