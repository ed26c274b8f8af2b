import { describe, expect, test } from 'vitest';
import type { BuildDatasetsInput } from '../../activities/contract.js';
import { patientEmbedding } from '../../activities/patient-embedding.js';
import type { EmbeddingConfig } from '../../src/config/run-config.js';
import { dimensionsOf, embed } from '../../src/nemo-local/embeddings.js';
import { createNemo } from '../../src/nemo/index.js';
import type { CanonicalRecord } from '../../src/records/canonical-record.js';
import { comparedText } from '../../src/records/compared-text.js';
import { renderExample } from '../../src/records/in-context.js';
import type { InContextRow } from '../../src/records/rows.js';
import { countTokens } from '../../src/records/tokens.js';
import { asActivity, MANAGED } from '../support/activity-world.js';
import { anAnsweringServer, type Asked } from '../support/answering-server.js';
import { aDatasetWorld, buildInput, rowsOf } from '../support/dataset-world.js';
import { readRecord } from '../support/log-records.js';
import { aDeployment, get, post } from '../support/local-platform.js';
import { orderLogs } from '../support/order-logs.js';

const MODEL = 'nvidia/llama-3.2-nv-embedqa-1b-v2';
const local: EmbeddingConfig = { model: MODEL, deployment: MANAGED };

function similarInput(embedding = local, icl: Partial<BuildDatasetsInput['icl']> = {}): BuildDatasetsInput {
  const input = buildInput();
  const { maxContextLength, reservedTokens, maxExamples, minExamples } = { ...input.icl, ...icl };
  return {
    ...input,
    icl: {
      maxContextLength,
      reservedTokens,
      maxExamples,
      minExamples,
      selection: 'semantic_similarity',
      relevanceRatio: 0.7,
      embedding,
    },
  };
}

async function aWorld(conversations = 60) {
  const world = await aDatasetWorld();
  await world.logs.append(orderLogs(conversations));
  return world;
}

const records = (conversations = 60): CanonicalRecord[] =>
  orderLogs(conversations).map((raw) => {
    const read = readRecord(raw);
    if ('rejected' in read) throw new Error(read.rejected);
    return read.record;
  });

const WORLD_ROWS = ['eval_data.jsonl', 'eval_plain.jsonl'];

async function inContextRows({ platform }: Awaited<ReturnType<typeof aWorld>>, dataset: string) {
  const files = WORLD_ROWS.map((file) => rowsOf<InContextRow>(platform, dataset, file));
  return (await Promise.all(files)).flat();
}

/** What was put before the row's own messages. */
function addedTo({ request, original_messages }: InContextRow): string {
  const system = String(request.messages[0]?.content ?? '');
  if (original_messages[0]?.role !== 'system')
    return request.messages.length > original_messages.length ? system : '';
  return system.slice(0, system.length - String(original_messages[0].content).length);
}

const examplesIn = (row: InContextRow): string[] =>
  addedTo(row)
    .split('\n\n')
    .filter((part) => part.startsWith('For example'));

test('an example comes from a conversation of the evaluation set, or is none of the logs', async () => {
  const world = await aWorld();
  await aDeployment(world.platform, MODEL);
  const { inContext, warnings } = await asActivity().run(world.buildDatasets, similarInput());
  expect(warnings).toEqual([]);
  const all = records();
  const sessionOf = new Map(all.map((record) => [renderExample(record), record.session]));
  const askedOf = new Map(all.map((record) => [record.timestampMs, record.session]));
  const rows = await inContextRows(world, inContext.name);
  const evaluated = new Set(rows.map(({ timestamp }) => askedOf.get(timestamp)));
  expect(rows).toHaveLength(30);
  for (const row of rows) {
    expect(examplesIn(row)).toHaveLength(3);
    for (const example of examplesIn(row)) {
      expect(sessionOf.has(example)).toBe(true);
      expect(evaluated).not.toContain(sessionOf.get(example));
    }
  }
});

test('an example is further away than another that was to be had', async () => {
  const world = await aWorld();
  await aDeployment(world.platform, MODEL);
  const input = similarInput(local, { maxExamples: 1 });
  const built = await asActivity().run(world.buildDatasets, input);
  const rows = await inContextRows(world, built.inContext.name);
  const all = records();
  const evaluated = new Set(
    rows.map(({ timestamp }) => all.find((r) => r.timestampMs === timestamp)?.session),
  );
  const vectors = new Map(all.map((record) => [record, vectorOf(record)]));
  const isTrained = await trainedOn(world, built.training.name);
  const others = all.filter((record) => !evaluated.has(record.session) && isTrained(record));
  for (const row of rows) {
    const asked = all.find(({ timestampMs }) => timestampMs === row.timestamp);
    const near = (record: CanonicalRecord) => cosine(vectors.get(asked!) ?? [], vectors.get(record) ?? []);
    const shown = others.find((record) => renderExample(record) === examplesIn(row)[0]);
    expect(shown && near(shown)).toBeCloseTo(Math.max(...others.map(near)), 5);
  }
});

/** Whether a record is a line of the training file, not of the validation file. */
async function trainedOn({ platform }: Awaited<ReturnType<typeof aWorld>>, dataset: string) {
  const lines = await rowsOf<{ messages: { content: unknown }[] }>(
    platform,
    dataset,
    'training/train_data.jsonl',
  );
  const questions = new Set(
    lines.map(({ messages }) => JSON.stringify(messages.slice(0, -1).map((m) => m.content))),
  );
  return ({ messages }: CanonicalRecord) =>
    questions.has(
      JSON.stringify(
        messages.map(({ role, content }) => (role === 'assistant' && content === null ? '' : content)),
      ),
    );
}

const vectorOf = (record: CanonicalRecord): number[] =>
  embed(comparedText(record) ?? '', dimensionsOf(MODEL, null));
const cosine = (a: number[], b: number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Below, not one example has room beside these rows. */
const SMALLEST_BUDGET = 250;

describe('the budget of tokens', () => {
  test.each([4_200, 4_300, 4_400, 4_600, 5_000])(
    'of %i is overdrawn by examples',
    async (maxContextLength) => {
      const world = await aWorld();
      await aDeployment(world.platform, MODEL);
      const budget = maxContextLength - 4_096;
      let added = 0;
      for (const icl of [similarInput(local, { maxContextLength }), uniformInput(maxContextLength)]) {
        const { inContext } = await asActivity().run(world.buildDatasets, icl);
        for (const row of await inContextRows(world, inContext.name)) {
          const examples = addedTo(row);
          if (examples === '') continue;
          added++;
          const logged = countTokens(JSON.stringify({ ...row.request, messages: row.original_messages }));
          expect(logged + countTokens(examples)).toBeLessThanOrEqual(budget);
        }
      }
      expect(added > 0).toBe(budget > SMALLEST_BUDGET);
    },
  );
});

function uniformInput(maxContextLength: number): BuildDatasetsInput {
  const input = buildInput();
  return { ...input, icl: { ...input.icl, maxContextLength } };
}

/** An endpoint of its own, with vectors of `dimensions(call)` numbers. */
function anEndpoint(dimensions: (call: number) => number) {
  let call = 0;
  return anAnsweringServer(({ body }: Asked) => {
    const length = dimensions(call++);
    const { input } = JSON.parse(body) as { input: string[] };
    return { body: { data: input.map((text, index) => ({ index, embedding: embed(text, length) })) } };
  });
}

const at = (url: string): EmbeddingConfig => ({ model: MODEL, deployment: { kind: 'external', url } });

test('a model of other dimensions cannot be used, or what is searched is not a passage', async () => {
  const endpoint = await anEndpoint(() => 24);
  const { buildDatasets } = await aWorld();
  await asActivity().run(buildDatasets, similarInput(at(`${endpoint.url}/v1/embeddings`)));
  const asked = endpoint.asked.map(({ body }) => JSON.parse(body) as { input: string[]; input_type: string });
  expect(asked[0]).toMatchObject({ input_type: 'query' });
  expect(asked.at(-1)).toMatchObject({ input_type: 'passage' });
  for (const { input } of asked) {
    expect(input.length).toBeLessThanOrEqual(32);
    expect(new Set(input).size).toBe(input.length);
  }
});

describe('an embedding model', () => {
  test('that answers 503 now and then ends a build', async () => {
    const world = await aWorld();
    await aDeployment(world.platform, MODEL);
    const faults = `${world.platform.nemoUrl}/admin/faults`;
    await post(faults, { pathPrefix: '/v1/embeddings', status: 503, count: 2 });
    await expect(asActivity().run(world.buildDatasets, similarInput())).resolves.toMatchObject({
      warnings: [],
    });
    const { body } = await get(faults);
    expect(body).toMatchObject({ armed: [], spent: [{ struck: [{}, {}] }] });
  });

  test('is asked again for what it has answered, or fails a build by as many failures as a call may have', async () => {
    const failures = new Map<string, number>();
    const endpoint = await anAnsweringServer(({ body }: Asked) => {
      const failed = failures.get(body) ?? 0;
      failures.set(body, failed + 1);
      if (failed < 2) return { status: 503, headers: { 'retry-after': '0' } };
      const { input } = JSON.parse(body) as { input: string[] };
      return { body: { data: input.map((text, index) => ({ index, embedding: [Number(text)] })) } };
    });
    const nemo = createNemo({
      nemoUrl: endpoint.url,
      nimUrl: endpoint.url,
      dataStoreUrl: endpoint.url,
      hfToken: 'nothing',
      embeddingApiKey: null,
    });
    const texts = Array.from({ length: 100 }, (_, i) => String(i));
    const asked = await asActivity().run(
      (input: string[]) => patientEmbedding(nemo, local, () => ({}))(input, 'query'),
      texts,
    );
    expect(asked.map(([text]) => String(text))).toEqual(texts);
    // Four batches, each three times.
    expect([...failures.values()]).toEqual([3, 3, 3, 3]);
  });

  test('that is not there is waited for, or rows go without examples in silence', async () => {
    const { buildDatasets } = await aWorld();
    await expect(asActivity().run(buildDatasets, similarInput())).rejects.toMatchObject({
      type: 'NIM proxy.404',
      nonRetryable: true,
      message: expect.stringMatching(/^POST \S+\/v1\/embeddings: 404: .*nv-embedqa/) as string,
    });
  });

  test('whose vectors change their length is trusted', async () => {
    const endpoint = await anEndpoint((call) => (call === 0 ? 24 : 25));
    const { buildDatasets } = await aWorld();
    const input = similarInput(at(`${endpoint.url}/v1/embeddings`));
    await expect(asActivity().run(buildDatasets, input)).rejects.toMatchObject({
      type: 'EmbeddingMismatch',
      nonRetryable: true,
      message: expect.stringMatching(/vectors of 24 numbers, and then of 25/) as string,
    });
  });
});
