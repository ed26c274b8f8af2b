import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadProduction } from '../../src/cli/production.js';
import { anAnsweringServer } from '../support/answering-server.js';
import { aFolder, aPlatform } from '../support/local-platform.js';
import { aNamespace } from '../support/namespace.js';
import { flywheel } from '../support/program.js';

const NOWHERE = '127.0.0.1:9';

async function refusal(
  command: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; said: string }> {
  const program = flywheel([command], env);
  return { code: await program.ended(), said: program.output() };
}

test.each(['worker', 'gateway'])(
  'a %s without Elasticsearch opens a store of its own',
  async (command) => {
    const { code, said } = await refusal(command, { TEMPORAL_ADDRESS: NOWHERE });
    expect(code).toBe(2);
    expect(said).toMatch(/^ELASTICSEARCH_URL is not set.*one process only.*flywheel up/);
  },
  60_000,
);

const ADDRESSES = {
  ELASTICSEARCH_URL: `http://${NOWHERE}`,
  NEMO_BASE_URL: `http://${NOWHERE}`,
  NIM_BASE_URL: `http://${NOWHERE}`,
  DATASTORE_BASE_URL: `http://${NOWHERE}`,
};

test('the users of a host share one folder, which only the first of them can write to', () => {
  const { services } = loadProduction('config/demo.yaml', ADDRESSES, { servesNoApi: true });
  expect(services.spoolDir).toBe(join(tmpdir(), `flywheel-${process.getuid?.()}`, 'spool'));
});

test('records that wait for the store go with the temporary folder', () => {
  const { services } = loadProduction('config/demo.yaml', ADDRESSES, { servesNoApi: true });
  expect(services.proxy.spoolDir).toBe(resolve('.flywheel/proxy-spool'));
});

test('a gateway without Temporal does not say where it looked', async () => {
  const env = { TEMPORAL_ADDRESS: NOWHERE, ELASTICSEARCH_URL: `http://${NOWHERE}` };
  const { code, said } = await refusal('gateway', env);
  expect(code).toBe(1);
  expect(said).toContain(`Temporal does not answer at ${NOWHERE}`);
  expect(said).not.toMatch(/\n +at /);
}, 60_000);

test('a worker whose Elasticsearch is away does not name it', async () => {
  const env = { TEMPORAL_ADDRESS: inject('temporal').address, ELASTICSEARCH_URL: `http://${NOWHERE}` };
  const { code, said } = await refusal('worker', env);
  expect(code).toBe(1);
  expect(said).toMatch(/the connection to Elasticsearch could not start: .*127\.0\.0\.1:9/);
  expect(said).not.toMatch(/\n +at /);
}, 60_000);

test.for(['NEMO_BASE_URL', 'NIM_BASE_URL', 'DATASTORE_BASE_URL'])(
  'a worker does not notice that nothing answers at %s',
  { timeout: 60_000 },
  async (variable, { skip }) => {
    const elasticsearch = inject('elasticsearch');
    if ('skipped' in elasticsearch) return skip(elasticsearch.skipped);
    const platform = await aPlatform();
    const env = {
      TEMPORAL_ADDRESS: inject('temporal').address,
      ELASTICSEARCH_URL: elasticsearch.url,
      NEMO_BASE_URL: platform.nemoUrl,
      NIM_BASE_URL: platform.nimUrl,
      DATASTORE_BASE_URL: platform.dataStoreUrl,
      [variable]: `http://${NOWHERE}`,
    };
    const { code, said } = await refusal('worker', env);
    expect(code).toBe(1);
    expect(said).toMatch(
      new RegExp(`the connection to NeMo could not start: GET http://${NOWHERE}.*${variable}`),
    );
    expect(said).not.toMatch(/[.?!]\./);
  },
);

describe('with everything there', () => {
  /** The environment in which a worker can work. */
  async function environment(): Promise<NodeJS.ProcessEnv | string> {
    const elasticsearch = inject('elasticsearch');
    if ('skipped' in elasticsearch) return elasticsearch.skipped;
    const platform = await aPlatform();
    return {
      TEMPORAL_ADDRESS: inject('temporal').address,
      ELASTICSEARCH_URL: elasticsearch.url,
      ES_COLLECTION_NAME: `logs-${randomUUID()}`,
      NEMO_BASE_URL: platform.nemoUrl,
      NIM_BASE_URL: platform.nimUrl,
      DATASTORE_BASE_URL: platform.dataStoreUrl,
    };
  }

  test(
    'a worker that works does not say so, or goes before a gateway on its machine',
    { timeout: 60_000 },
    async ({ skip }) => {
      const env = await environment();
      if (typeof env === 'string') return skip(env);
      const { namespace } = (await aNamespace()).options;
      const program = flywheel(['worker'], {
        ...env,
        TEMPORAL_NAMESPACE: namespace,
        WORKER_HEALTH_PORT: '0',
      });
      const [, url = ''] = await program.said(/^Health at (http:.*)$/m);
      expect(await (await fetch(url)).json()).toEqual({ status: 'ok' });
      // It goes behind a gateway on the same machine.
      expect(getPriority(program.child.pid)).toBe(Math.max(5, getPriority()));
      program.child.kill('SIGTERM');
      expect(await program.ended()).toBe(0);
    },
  );

  test.for(['worker', 'gateway'])(
    'a %s does not say why its judge does not answer',
    { timeout: 60_000 },
    async (command, { skip }) => {
      const env = await environment();
      if (typeof env === 'string') return skip(env);
      const { url } = await anAnsweringServer(() => ({ status: 404, body: { detail: 'no such model' } }));
      const config: unknown = parse(await readFile('config/demo.yaml', 'utf8'));
      const file = join(await aFolder(), 'config.yaml');
      const judge = { deployment_type: 'remote', model_name: 'j', url };
      await writeFile(file, stringify(Object.assign({}, config, { llm_judge_config: judge })));
      const { namespace } = (await aNamespace()).options;
      const program = flywheel([command, '--config', file], { ...env, TEMPORAL_NAMESPACE: namespace });
      expect(await program.ended()).toBe(1);
      expect(program.output()).toMatch(
        /the connection to the judge could not start: POST .*: 404: no such model\. Check/,
      );
      expect(program.output()).not.toMatch(/\n +at /);
    },
  );
});
