import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { aNamespace } from '../support/namespace.js';
import { finished, IN_TIME } from '../support/observe.js';
import { flywheel } from '../support/program.js';
import { aPlatform } from '../support/local-platform.js';
import { sharedWorld } from '../support/shared-world.js';
import { startTrial, TINY } from '../support/trial-runs.js';

const shared = sharedWorld({ gpuPool: { totalGpus: 8 } });

const metricsOf = async (url: string) => (await fetch(url)).text();

test('a run does not show in the metrics: its stages, its GPUs, its calls of NeMo', async () => {
  const { world } = shared;
  const id = await startTrial(world, { models: [TINY] });
  await finished(world.api, id);
  let text = '';
  const isWhole = async () => {
    text = await metricsOf(`${world.api.url}/metrics`);
    // Those of a pool that is slow to answer are left out.
    return text.includes('flywheel_gpu_leases_waiting ');
  };
  await expect.poll(isWhole, IN_TIME).toBe(true);
  for (const stage of ['datasets', 'deployment', 'customization', 'evaluation', 'report'])
    expect(text).toMatch(
      new RegExp(
        `^flywheel_stage_duration_seconds_count\\{stage="${stage}",outcome="completed"\\} [1-9]`,
        'm',
      ),
    );
  expect(text).toMatch(/^flywheel_runs\{status="completed"\} 1$/m);
  expect(text).toMatch(/^flywheel_gpus_total 8$/m);
  expect(text).toMatch(/^flywheel_gpu_leases_waiting 0$/m);
  expect(text).toMatch(/^flywheel_nemo_request_duration_seconds_count\{.*outcome="200"\} [1-9]/m);
});

/** Every metric that a panel asks for. */
function asked(): string[] {
  const text = readFileSync('deploy/grafana/flywheel.json', 'utf8');
  const { panels } = JSON.parse(text) as { panels: { targets: { expr: string }[] }[] };
  const names = panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/\b(?:flywheel|temporal|process|nodejs)_\w+/g) ?? []),
  );
  return [...new Set(names)];
}

/** Every metric that a text tells, a histogram by its series too. */
function told(text: string): Set<string> {
  const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );
}

test('the dashboard asks for a metric that nobody tells', { timeout: 120_000 }, async ({ skip }) => {
  const elasticsearch = inject('elasticsearch');
  if ('skipped' in elasticsearch) return skip(elasticsearch.skipped);
  const platform = await aPlatform();
  const { namespace } = (await aNamespace()).options;
  const program = flywheel(['worker'], {
    TEMPORAL_ADDRESS: inject('temporal').address,
    TEMPORAL_NAMESPACE: namespace,
    ELASTICSEARCH_URL: elasticsearch.url,
    ES_COLLECTION_NAME: `logs-${randomUUID()}`,
    NEMO_BASE_URL: platform.nemoUrl,
    NIM_BASE_URL: platform.nimUrl,
    DATASTORE_BASE_URL: platform.dataStoreUrl,
    WORKER_HEALTH_PORT: '0',
  });
  const [, url = ''] = await program.said(/^Metrics at (http:.*)$/m);
  const gateway = told(await metricsOf(`${shared.world.api.url}/metrics`));
  const names = asked();
  expect(names.length).toBeGreaterThan(12);
  // Temporal's SDK tells a metric only when it has counted something: the pool's first activity, say.
  const missing = async () => {
    const worker = told(await metricsOf(url));
    return names.filter((name) => !gateway.has(name) && !worker.has(name));
  };
  await expect.poll(missing, IN_TIME).toEqual([]);
  expect(names.some((name) => name.startsWith('temporal_'))).toBe(true);
  program.child.kill('SIGTERM');
  expect(await program.ended()).toBe(0);
});
