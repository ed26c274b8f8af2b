import { ServiceError, type WorkflowStartInput } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { installationOf } from '../../src/installation.js';
import { runWorkflowId } from '../../workflows/contract.js';
import { aGateway, JOB } from './gateway-world.js';

const post = (world: Awaited<ReturnType<typeof aGateway>>, body: unknown, headers = {}) =>
  world.call('POST', '/api/jobs', body, headers);

test('a job that was asked for has no record, no workflow, or another configuration', async () => {
  const world = await aGateway();
  const answer = await post(world, { ...JOB, extra: 1, data_split_config: { eval_size: '30', limit: null } });

  expect(answer.status).toBe(200);
  expect(answer.text).toMatch(/^\{"id":"[0-9a-f]{24}","status":"queued","message":"NIM workflow started"\}$/);
  const { id } = answer.body;
  const split = { ...world.config.run.split, evalSize: 30, limit: null };
  const installation = await installationOf(world.temporal);
  const record = { status: 'pending', numRecords: 0, config: { split }, installation };
  expect(await world.runs.get(id)).toMatchObject(record);
  const workflow = await world.temporal.workflow.getHandle(runWorkflowId(id)).describe();
  expect(workflow).toMatchObject({ type: 'flywheelRun', taskQueue: world.taskQueue });
  expect(workflow.memo).toMatchObject({ workloadId: 'checkout', clientId: 'shop' });
  const attributes = workflow.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
  expect(Object.fromEntries(attributes)).toMatchObject({
    FlywheelWorkloadId: 'checkout',
    FlywheelClientId: 'shop',
    FlywheelStatus: 'pending',
  });
});

describe('a request that cannot be meant', () => {
  const missing = (name: string, input: unknown, loc: unknown[] = ['body', name]) => ({
    type: 'missing',
    loc,
    msg: 'Field required',
    input,
  });
  const split = (data_split_config: unknown) => ({ ...JOB, data_split_config });
  const wrong = (key: string, detail: object) => [{ loc: ['body', 'data_split_config', key], ...detail }];
  const whole = 'Input should be a valid integer';

  test.each<[string, unknown, unknown[]]>([
    ['no body', undefined, [missing('', null, ['body'])]],
    ['null', 'null', [missing('', null, ['body'])]],
    ['an empty object', {}, [missing('workload_id', {}), missing('client_id', {})]],
    [
      'a list',
      [1],
      [
        {
          type: 'model_attributes_type',
          loc: ['body'],
          msg: 'Input should be a valid dictionary or object to extract fields from',
          input: [1],
        },
      ],
    ],
    [
      'a number for a name',
      { ...JOB, client_id: 5 },
      [{ type: 'string_type', loc: ['body', 'client_id'], msg: 'Input should be a valid string', input: 5 }],
    ],
    [
      'a split that is a text',
      split('x'),
      [
        {
          type: 'model_attributes_type',
          loc: ['body', 'data_split_config'],
          msg: 'Input should be a valid dictionary or object to extract fields from',
          input: 'x',
        },
      ],
    ],
    [
      'a ratio of one',
      split({ val_ratio: 1 }),
      wrong('val_ratio', { type: 'less_than', msg: 'Input should be less than 1', input: 1, ctx: { lt: 1 } }),
    ],
    [
      'a negative ratio',
      split({ val_ratio: -0.1 }),
      wrong('val_ratio', {
        type: 'greater_than_equal',
        msg: 'Input should be greater than or equal to 0',
        input: -0.1,
        ctx: { ge: 0 },
      }),
    ],
    [
      'a word for a number',
      split({ eval_size: 'x' }),
      wrong('eval_size', {
        type: 'int_parsing',
        msg: `${whole}, unable to parse string as an integer`,
        input: 'x',
      }),
    ],
    [
      'a fraction for a whole number',
      split({ eval_size: 20.5 }),
      wrong('eval_size', {
        type: 'int_from_float',
        msg: `${whole}, got a number with a fractional part`,
        input: 20.5,
      }),
    ],
    [
      'null for a number',
      split({ eval_size: null }),
      wrong('eval_size', { type: 'int_type', msg: whole, input: null }),
    ],
    ...['eval_size', 'min_total_records', 'limit'].map((key): [string, unknown, unknown[]] => [
      `a ${key} of 0`,
      split({ [key]: 0 }),
      wrong(key, {
        type: 'greater_than_equal',
        msg: 'Input should be greater than or equal to 1',
        input: 0,
        ctx: { ge: 1 },
      }),
    ]),
    [
      'a limit below the minimum of records',
      split({ limit: 49 }),
      wrong('limit', {
        type: 'value_error',
        msg: expect.stringMatching(/^limit \(49\) cannot be less than min_total_records \(50\).*raise/),
        input: 49,
      }),
    ],
    [
      "a minimum of records beyond the file's limit",
      split({ min_total_records: 2001 }),
      wrong('min_total_records', {
        type: 'value_error',
        msg: expect.stringMatching(/^limit \(2000\) cannot be less than min_total_records \(2001\)/),
        input: 2001,
      }),
    ],
    [
      'a name longer than any that can be stored',
      { ...JOB, workload_id: 'x'.repeat(257) },
      [
        {
          type: 'string_too_long',
          loc: ['body', 'workload_id'],
          msg: 'String should have at most 256 characters',
          input: 'x'.repeat(257),
          ctx: { max_length: 256 },
        },
      ],
    ],
  ])('%s is accepted, or refused in other words', async (_what, body, detail) => {
    const world = await aGateway();
    const answer = await post(world, body);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({ detail: detail.map((entry) => expect.objectContaining(entry as object)) });
    expect(Object.keys(answer.body.detail[0])).toEqual(
      Object.keys(detail[0] as object).includes('ctx')
        ? ['type', 'loc', 'msg', 'input', 'ctx']
        : ['type', 'loc', 'msg', 'input'],
    );
    expect((await world.runs.list()).runs).toEqual([]);
  });

  test.each([
    ['hello', 0],
    ['[1,]', 3],
    ['{"a": 1,}', 8],
    ['{"a": 1} x', 9],
    ['{"workload_id": "a"', 19],
    // Of characters, whatever they are.
    ['{"a": "é😀€",}', 12],
  ])('the broken JSON %s is shown without its place', async (body, offset) => {
    const answer = await post(await aGateway(), body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toEqual([
      {
        type: 'json_invalid',
        loc: ['body', offset],
        msg: 'JSON decode error',
        input: {},
        ctx: { error: expect.any(String) },
      },
    ]);
  });

  test('values as pydantic takes them are refused', async () => {
    const world = await aGateway();
    const lax = {
      eval_size: true,
      val_ratio: '0.25',
      min_total_records: 50.0,
      parse_function_arguments: 'off',
    };
    const { status, body } = await post(world, split(lax));
    expect(status).toBe(200);
    expect((await world.runs.get(body.id))?.config.split).toMatchObject({
      evalSize: 1,
      valRatio: 0.25,
      minTotalRecords: 50,
      parseFunctionArguments: false,
    });
  });

  test.each([
    ['{"workload_id": "caf\xe9", "client_id": "shop"}', 'application/json'],
    ['caf\xe9', 'text/plain'],
  ])('names in another encoding than UTF-8 are kept with other letters: %j', async (body, type) => {
    const world = await aGateway();
    const answer = await post(world, new Uint8Array(Buffer.from(body, 'latin1')), { 'content-type': type });
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringMatching(/not UTF-8/) } });
    expect((await world.runs.list()).runs).toEqual([]);
  });

  test('an empty Content-Type is taken for another than JSON', async () => {
    expect((await post(await aGateway(), JOB, { 'content-type': '' })).status).toBe(200);
  });

  test('a body of 2 MB is read, or breaks the connection', async () => {
    const answer = await post(await aGateway(), { ...JOB, extra: 'x'.repeat(2_000_000) });
    expect(answer).toMatchObject({ status: 413, body: { detail: expect.stringMatching(/too large/) } });
  });
});

describe('an Idempotency-Key', () => {
  test('starts a second run, or takes another request', async () => {
    const world = await aGateway();
    // Other files say `once`: to the one Temporal of all tests that would be the same job.
    const key = { 'Idempotency-Key': 'one job' };
    const [first, second] = await Promise.all([post(world, JOB, key), post(world, JOB, key)]);
    const third = await post(world, JOB, key);
    expect([first.status, second.status, third.status]).toEqual([200, 200, 200]);
    expect(new Set([first.body.id, second.body.id, third.body.id]).size).toBe(1);
    const other = await post(world, { ...JOB, data_split_config: { eval_size: 21 } }, key);
    expect(other).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/Idempotency-Key/) } });
    const stranger = await post(world, { ...JOB, client_id: 'other' }, key);
    expect(stranger.status).toBe(200);
    expect((await world.runs.list()).runs).toHaveLength(2);
  });

  test('is a conflict with itself once the configuration was edited', async () => {
    const world = await aGateway();
    const key = { 'Idempotency-Key': 'edited' };
    const first = await post(world, JOB, key);
    world.config.run.split.evalSize += 1;
    const again = await post(world, { ...JOB, data_split_config: null, extra: 1 }, key);
    expect([again.status, again.body.id]).toEqual([200, first.body.id]);
  });

  test('of a deleted job brings back a job that has ended before it began', async () => {
    const world = await aGateway();
    const key = { 'Idempotency-Key': 'deleted' };
    const { body } = await post(world, JOB, key);
    await world.temporal.workflow.getHandle(runWorkflowId(body.id)).terminate();
    await world.runs.delete(body.id);
    const answer = await post(world, JOB, key);
    expect(answer).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/deleted: use a new key/) },
    });
    expect((await world.runs.list()).runs).toEqual([]);
  });

  test('of a job whose record was lost, but which runs, is refused', async () => {
    const world = await aGateway();
    const key = { 'Idempotency-Key': 'lost' };
    const { body } = await post(world, JOB, key);
    await world.runs.delete(body.id);
    expect(await post(world, JOB, key)).toMatchObject({ status: 200, body: { id: body.id } });
    expect(await world.runs.get(body.id)).toMatchObject({ status: 'pending' });
  });

  test('leaves a job that could not be started failed, though it is asked for again', async () => {
    const world = await aGateway();
    const key = { 'Idempotency-Key': 'again' };
    const { body } = await post(world, JOB, key);
    const record = (await world.runs.get(body.id))!;
    await world.runs.put({ ...record, status: 'failed', finishedAt: record.startedAt, error: 'Not started' });
    expect((await post(world, JOB, key)).status).toBe(200);
    expect(await world.runs.get(body.id)).toMatchObject({ status: 'pending', finishedAt: null, error: null });
  });

  test('calls a job not started whose start was taken, but not answered in time', async () => {
    const late = Object.assign(new Error('late'), { code: 4, details: 'late', metadata: {} });
    const start = async (input: WorkflowStartInput, next: (input: WorkflowStartInput) => Promise<string>) => {
      await next(input);
      throw new ServiceError('Failed to start Workflow', { cause: late });
    };
    const { call, runs } = await aGateway({ interceptors: { workflow: [{ start }] } });
    const { status, body } = await call('POST', '/api/jobs', JOB);
    expect(status).toBe(200);
    expect(await runs.get(body.id)).toMatchObject({ status: 'pending', finishedAt: null, error: null });
  });
});
