import { expect, test } from 'vitest';
import { createNemo } from '../../src/nemo/index.js';
import { anAnsweringServer, type Answering, type Asked } from '../support/answering-server.js';

const RUN = 'a'.repeat(24);
const MODEL = 'meta/tiny-1b';
const USE = `flywheel-${RUN}-meta-tiny-1b/training/0123abcd`;

async function aPlatform(answer: (asked: Asked) => Answering | null) {
  const { url, asked } = await anAnsweringServer(answer);
  return {
    asked,
    nemo: createNemo({ nemoUrl: url, nimUrl: url, dataStoreUrl: url, hfToken: 'x', embeddingApiKey: null }),
  };
}

/** Serves a listing page by page, whatever it is filtered by. */
const listing =
  (...pages: object[][]) =>
  ({ url }: Asked): Answering => ({
    body: { data: pages[Number(new URL(url, 'http://any').searchParams.get('page')) - 1] ?? [] },
  });

const training = (id: string, output: string | null) => ({ id, output_model: output, status: 'running' });
const evaluation = (id: string, project: string, name: string) => ({
  id,
  project,
  status: 'running',
  custom_fields: { flywheel: name },
});

test('a customization beyond the first page is not found, or is another one', async () => {
  const ours = `ns/customized-meta-tiny-1b-${RUN}-0123abcd@cust-3`;
  const { nemo, asked } = await aPlatform(
    listing(
      [
        training('cust-1', null),
        training('cust-2', `ns/customized-meta-tiny-1b-${'b'.repeat(24)}-0123abcd@cust-2`),
        training('cust-4', `ns/customized-meta-tiny-1b-${RUN}-0123abce@cust-4`),
      ],
      [training('cust-3', ours)],
    ),
  );
  expect(await nemo.customizer.find(USE)).toEqual({ id: 'cust-3', outputModel: ours });
  expect(asked.map(({ url }) => new URL(url, 'http://any').searchParams.get('filter[project]'))).toEqual([
    `flywheel-${RUN}`,
    `flywheel-${RUN}`,
  ]);
});

test('a customization that was never started is found', async () => {
  const { nemo } = await aPlatform(listing([training('cust-1', 'ns/other@cust-1')]));
  expect(await nemo.customizer.find(USE)).toBeNull();
});

test('a running job of ours is not seen with its use, or one that is over or not ours is', async () => {
  const named = (model: string) => `ns/customized-${model}-${RUN}-0123abcd@cust-1`;
  const { nemo } = await aPlatform(
    listing([
      {
        ...training('cust-1', named('a-1b')),
        config_snapshot: { training_option: { num_gpus: 2, num_nodes: 3 } },
      },
      training('cust-2', named('b-1b')),
      { ...training('cust-3', named('c-1b')), status: 'completed' },
      training('cust-4', 'ns/customized-by-others@cust-4'),
    ]),
  );
  expect(await nemo.customizer.running()).toEqual([
    { use: `flywheel-${RUN}-a-1b/training/0123abcd`, gpus: 6 },
    { use: `flywheel-${RUN}-b-1b/training/0123abcd`, gpus: 1 },
  ]);
});

test("another run's evaluation is taken for ours when the platform ignores the filter", async () => {
  const { nemo } = await aPlatform(
    listing(
      [
        evaluation('eval-1', 'flywheel-other', 'meta-tiny-1b/base'),
        evaluation('eval-2', `flywheel-${RUN}`, 'meta-tiny-1b/icl'),
      ],
      [evaluation('eval-3', `flywheel-${RUN}`, 'meta-tiny-1b/base')],
    ),
  );
  const found = await nemo.evaluator.find({ runId: RUN, candidate: MODEL, kind: 'base' });
  expect(found?.id).toBe('eval-3');
  const ofRun: string[] = [];
  for await (const { id } of nemo.evaluator.ofRun(RUN)) ofRun.push(id);
  expect(ofRun).toEqual(['eval-2', 'eval-3']);
});

test.each([
  ['a platform without the route to cancel', 405, ['POST', 'DELETE']],
  ['a platform that knows neither route nor job', 404, ['POST', 'DELETE']],
  ['a job that is over', 409, ['POST']],
  ['a job that can be cancelled', 200, ['POST']],
])('%s leaves an evaluation running, or loses its results', async (_which, status, methods) => {
  const { nemo, asked } = await aPlatform(({ method }) => ({ status: method === 'POST' ? status : 404 }));
  await nemo.evaluator.cancel('eval-1');
  expect(asked.map(({ method }) => method)).toEqual(methods);
});
