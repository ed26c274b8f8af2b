import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1';
import { Namespace, Secret, Service } from 'kubernetes-models/v1';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/config/index.js';
import { PAUSES_MS } from '../../src/cli/endpoints.js';
import { COMMAND_NAMES } from '../../src/cli/program.js';
import { TIMEOUT_MS } from '../../src/nemo/http.js';
import { dockerfile, KNOWN_VARIABLES, longestStopMs } from './dockerfile.js';

const FOLDER = 'deploy/kubernetes';
/** Each throws where the object is none of its kind. */
const VALIDATE = {
  Deployment: (object: object) => new Deployment(object).validate(),
  Namespace: (object: object) => new Namespace(object).validate(),
  Secret: (object: object) => new Secret(object).validate(),
  Service: (object: object) => new Service(object).validate(),
};

const probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.string() }),
  periodSeconds: z.int(),
  failureThreshold: z.int().default(3),
});
const container = z.object({
  args: z.array(z.string()),
  envFrom: z.array(
    z.object({ secretRef: z.object({ name: z.string(), optional: z.boolean().default(false) }) }),
  ),
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: z.object({
    requests: z.record(z.string(), z.string()),
    limits: z.record(z.string(), z.string()),
  }),
  securityContext: z.object({ readOnlyRootFilesystem: z.literal(true) }),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
});
const deployment = z.object({
  kind: z.literal('Deployment'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({
        securityContext: z.object({ runAsNonRoot: z.literal(true) }),
        terminationGracePeriodSeconds: z.int(),
        containers: z.array(container).length(1),
        volumes: z.array(z.object({ name: z.string() })),
      }),
    }),
  }),
});
const secret = z.object({
  kind: z.literal('Secret'),
  metadata: z.object({ name: z.string() }),
  stringData: z.record(z.string(), z.string()),
});

const kustomization = z
  .object({ resources: z.array(z.string()) })
  .parse(parse(readFileSync(join(FOLDER, 'kustomization.yaml'), 'utf8')));

const objects = kustomization.resources.flatMap((file) =>
  parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) =>
    z.looseObject({ kind: z.enum(['Deployment', 'Namespace', 'Secret', 'Service']) }).parse(document.toJS()),
  ),
);
const secrets = objects.flatMap((object) => secret.safeParse(object).data ?? []);
const deployments = objects
  .filter(({ kind }) => kind === 'Deployment')
  .map((object) => deployment.parse(object))
  .map((object) => [object.metadata.name, object] as const);

test('an object is none that Kubernetes takes', () => {
  expect(objects).toHaveLength(6);
  for (const object of objects) VALIDATE[object.kind](object);
  expect(() => VALIDATE.Deployment({ spec: { replicas: 'two' } })).toThrow();
});

describe.each(deployments)('%s', (_name, { spec }) => {
  const { metadata, spec: pod } = spec.template;
  const [main] = pod.containers;

  test('selects other pods than its own', () => {
    expect(metadata.labels).toEqual(spec.selector.matchLabels);
  });

  test('is asked on a port that it does not have, or is taken away since something else does not answer', () => {
    const [port] = main?.ports ?? [];
    const ports = [dockerfile.env['PORT'], dockerfile.env['WORKER_HEALTH_PORT']];
    expect(String(port?.containerPort)).toBe(ports[main?.args[0] === 'worker' ? 1 : 0]);
    const probes = [main?.startupProbe, main?.livenessProbe, main?.readinessProbe];
    for (const asked of probes) {
      expect(asked?.httpGet.port).toBe(port?.name);
      // /ready would have every gateway leave the Service, or be killed, as soon as NeMo is away.
      expect(asked?.httpGet.path).toBe('/health');
    }
  });

  test('runs a command that does not exist, or reads a file that is not mounted', () => {
    const [command, option, file] = main?.args ?? [];
    expect(COMMAND_NAMES).toContain(command);
    expect(option).toBe('--config');
    const mounts = main?.volumeMounts.map(({ mountPath }) => mountPath);
    expect(mounts).toContain(file?.replace('/config.yaml', ''));
    expect(mounts).toContain(dockerfile.env['FLYWHEEL_SPOOL_DIR']?.replace('/spool', ''));
    expect(mounts).toContain(dockerfile.env['FLYWHEEL_PROXY_SPOOL_DIR']?.replace('/proxy-spool', ''));
    expect(main?.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));
  });

  test('takes variables from a secret that is not there', () => {
    const names = secrets.map(({ metadata }) => metadata.name);
    for (const { secretRef } of main?.envFrom ?? [])
      expect([secretRef.name, names.includes(secretRef.name)]).toEqual([secretRef.name, !secretRef.optional]);
  });

  test('is killed while it still waits for a judge or an embedding model', () => {
    const askedMs = (PAUSES_MS.length + 1) * TIMEOUT_MS + PAUSES_MS.reduce((sum, ms) => sum + ms);
    const { periodSeconds = 0, failureThreshold = 0 } = main?.startupProbe ?? {};
    expect(periodSeconds * failureThreshold * 1000).toBeGreaterThan(2 * askedMs);
  });

  test('asks for no memory, or may take all', () => {
    expect(Object.keys(main?.resources.requests ?? {})).toEqual(['cpu', 'memory']);
    expect(main?.resources.limits['memory']).toBeDefined();
  });
});

test('a gateway is given the keys of models, or a worker those of callers', () => {
  const given = deployments.map(([name, { spec }]) => [
    name,
    ...(spec.template.spec.containers[0]?.envFrom ?? []).map(({ secretRef }) => secretRef.name),
  ]);
  expect(given).toEqual([
    ['flywheel-gateway', 'flywheel-services', 'flywheel-api-keys'],
    ['flywheel-worker', 'flywheel-services', 'flywheel-keys'],
  ]);
});

test('a secret holds a variable that nobody reads, or a real key', () => {
  const variables = secrets.flatMap(({ stringData }) => Object.entries(stringData));
  expect(variables.length).toBeGreaterThan(4);
  for (const [name, value] of variables) {
    expect(KNOWN_VARIABLES).toContain(name);
    if (/KEY|TOKEN/.test(name)) expect(value).toBe('');
  }
});

const config = loadConfig({ file: join(FOLDER, 'config.yaml'), env: {}, dataDir: '/data' });

test('the configuration does not load, or with warnings', () => {
  expect(config.warnings).toEqual([]);
});

test('a gateway is killed while it stops', () => {
  const [, gateway] = deployments.find(([name]) => name === 'flywheel-gateway') ?? [];
  const { terminationGracePeriodSeconds = 0 } = gateway?.spec.template.spec ?? {};
  expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThan(longestStopMs(config.gateway));
});
