// How much later answers come through the logging proxy than from the upstream itself, in turns of some seconds.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { load } from './proxy/load.js';
import { withProcesses } from './proxy/processes.js';
import { latencyOf } from './support/latency.js';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '20' },
    stream: { type: 'boolean', default: false },
  },
});
const [perSecond, seconds] = [Number(values.rate), Number(values.seconds)];
const WARM_UP_SECONDS = 5;
const path = '/v1/chat/completions';

const tool = (n: number) => ({
  type: 'function',
  function: {
    name: `tool_${n}`,
    description: 'Looks up what the shop knows of an order, a customer or a parcel.',
    parameters: {
      type: 'object',
      properties: { id: { type: 'string', description: 'number of the order' } },
    },
  },
});
const body = JSON.stringify({
  model: 'bench',
  stream: values.stream,
  tools: Array.from({ length: 8 }, (_, n) => tool(n)),
  messages: Array.from({ length: 8 }, (_, n) => ({
    role: n % 2 === 0 ? 'user' : 'assistant',
    content: 'Where is my order, and when will it be here? '.repeat(5),
  })),
});

const Status = z.object({
  records: z.object({ stored: z.number(), waiting: z.number(), dropped: z.number() }),
});

await withProcesses(async ({ upstream, proxy }) => {
  const targets = { bare: upstream, proxied: proxy };
  await load(targets, { perSecond, seconds: WARM_UP_SECONDS, path, body });
  const times = await load(targets, { perSecond, seconds, path, body });
  const [bare, proxied] = [latencyOf(times['bare'] ?? []), latencyOf(times['proxied'] ?? [])];
  console.log(
    `${perSecond} requests/s to each for ${seconds} s; ${body.length} bytes asked${values.stream ? ', streamed answers' : ''}`,
  );
  for (const [name, { p50, p99, requests }] of Object.entries({ bare, proxied }))
    console.log(
      `  ${name.padEnd(8)} p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms  (${requests} requests)`,
    );
  console.log(
    `  added    p50 ${(proxied.p50 - bare.p50).toFixed(2)} ms  p99 ${(proxied.p99 - bare.p99).toFixed(2)} ms`,
  );
  const all = perSecond * (seconds + WARM_UP_SECONDS);
  const { stored, waiting, dropped } = await settled(proxy, all);
  console.log(`  records: ${stored} stored of ${all}, ${waiting} waiting, ${dropped} dropped`);
});

/** The counts when every record is stored or dropped; after a while, as they are then. */
async function settled(proxy: string, all: number): Promise<z.infer<typeof Status>['records']> {
  for (let attempt = 0; ; attempt++) {
    const { records } = Status.parse(await (await fetch(`${proxy}/api/proxy`)).json());
    if (records.stored + records.dropped >= all || attempt === 100) return records;
    await sleep(200);
  }
}
