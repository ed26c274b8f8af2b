import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { HttpError, parseBody, parseQuery } from '../../src/nemo-local/http-error.js';
import { aPlatform, get } from '../support/local-platform.js';

const Body = z.object({
  must: z.string(),
  name: z
    .string()
    .regex(/^[a-z]+$/)
    .optional(),
  word: z.string().min(2).max(5).optional(),
  count: z.number().int().optional(),
  on: z.boolean().optional(),
  ratio: z.number().optional(),
  items: z.array(z.string()).min(1).max(2).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  inner: z
    .object({
      dim: z.number().int().min(1).optional(),
      rate: z.number().gt(0).max(1).optional(),
      step: z.number().int().lt(3).optional(),
    })
    .optional(),
  sort: z.enum(['name', '-name', 'created_at']).optional(),
  one: z.literal('only').optional(),
  some: z.union([z.string(), z.array(z.string())]).optional(),
  number: z.union([z.string(), z.number().int()]).optional(),
  variant: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('a') }),
      z.object({ kind: z.literal('b'), y: z.number().int() }),
    ])
    .optional(),
});

/** Bodies, one a line, and what FastAPI 0.115.12 with pydantic 2.11.3 answers to them for the same model. */
const EXPECTED = readFileSync(new URL('pydantic-refusals.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => z.object({ body: z.unknown(), detail: z.array(z.unknown()) }).parse(JSON.parse(line)));

function detailOf(check: () => unknown): unknown {
  try {
    check();
  } catch (error) {
    if (error instanceof HttpError && error.status === 422) return error.detail;
    throw error;
  }
  return 'accepted';
}

test.each(EXPECTED)("a wrong body is not refused in pydantic's words: $body", ({ body, detail }) => {
  expect(detailOf(() => parseBody(Body, body))).toEqual(detail);
});

test("wrong query parameters are not refused in pydantic's words", async () => {
  const { nemoUrl } = await aPlatform();
  const asked = await get(`${nemoUrl}/v1/datasets?page=x&page_size=1001`);
  expect(asked).toMatchObject({ status: 422 });
  expect(asked.body).toEqual({
    detail: [
      {
        type: 'int_parsing',
        loc: ['query', 'page'],
        msg: 'Input should be a valid integer, unable to parse string as an integer',
        input: 'x',
      },
      {
        type: 'less_than_equal',
        loc: ['query', 'page_size'],
        msg: 'Input should be less than or equal to 1000',
        input: '1001',
        ctx: { le: 1000 },
      },
    ],
  });
  expect((await get(`${nemoUrl}/v1/projects?sort=size`)).body).toMatchObject({
    detail: [{ type: 'enum', loc: ['query', 'sort'], input: 'size' }],
  });
});

test('a body that is missing or no JSON is not told from a wrong one', async () => {
  const { nemoUrl } = await aPlatform();
  const missing = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
  const bare = await fetch(`${nemoUrl}/v1/datasets`, { method: 'POST' });
  expect(await bare.json()).toEqual({ detail: [missing] });
  const headers = { 'content-type': 'application/json' };
  const broken = await fetch(`${nemoUrl}/v1/datasets`, { method: 'POST', headers, body: '{"name" 1}' });
  expect(broken.status).toBe(422);
  expect(await broken.json()).toEqual({
    detail: [
      {
        type: 'json_invalid',
        loc: ['body', 8],
        msg: 'JSON decode error',
        input: {},
        ctx: { error: expect.stringContaining('in JSON at position 8') },
      },
    ],
  });
});

test('a text where a number belongs is called unreadable though it can be read', () => {
  expect(detailOf(() => parseBody(Body, { must: 'a', count: '12', ratio: '1e-4' }))).toMatchObject([
    { type: 'int_type', input: '12' },
    { type: 'float_type', input: '1e-4' },
  ]);
});

test("a validator's own words are lost", () => {
  const schema = z.object({ dim: z.number().refine((dim) => dim % 2 === 0, 'is not even') });
  expect(detailOf(() => parseBody(schema, { dim: 3 }))).toEqual([
    {
      type: 'value_error',
      loc: ['body', 'dim'],
      msg: 'Value error, is not even',
      input: 3,
      ctx: { error: {} },
    },
  ]);
});

test('a refusal repeats a key, or a whole file', () => {
  const model = { api_endpoint: { url: 'http://far', api_key: 'sk-secret' } };
  const endpoint = z.object({ model: z.object({ api_endpoint: z.object({ model_id: z.string() }) }) });
  const refusal = detailOf(() => parseBody(endpoint, { model }));
  expect(JSON.stringify(refusal)).toContain('******');
  expect(JSON.stringify(refusal)).not.toContain('sk-secret');
  const file = { content: 'x'.repeat(20_000) };
  const wrong = detailOf(() => parseBody(z.object({ path: z.string() }), file));
  expect(wrong).toEqual([{ type: 'missing', loc: ['body', 'path'], msg: 'Field required' }]);
});

test('some JSON value makes the refusal itself fail', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const detail = detailOf(() => parseQuery(Body, value));
      if (detail === 'accepted') return;
      const entries = z.array(
        z.looseObject({ type: z.string(), loc: z.array(z.any()), msg: z.string().min(1) }),
      );
      expect(entries.parse(detail)).not.toHaveLength(0);
    }),
  );
});
