import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../../src/config/index.js';
import { anAnsweringServer } from '../support/answering-server.js';
import { aProgram } from '../support/program.js';
import { dockerfile, inImage, KNOWN_VARIABLES } from './dockerfile.js';

const { stages, env } = dockerfile;
const list = (text: string | undefined): string[] => z.array(z.string()).parse(JSON.parse(text ?? 'null'));

test('an image is another one while it is built and when it runs, or whichever is the latest', () => {
  const images = stages.map(({ from }) => from.split(' ')[0]);
  expect(images).toHaveLength(2);
  expect(new Set(images).size).toBe(1);
  expect(images[0]).toMatch(/^node:\d+\.\d+-[a-z-]+$/);
});

test('the image has a Node that the package refuses', () => {
  const { engines } = z
    .object({ engines: z.object({ node: z.string() }) })
    .parse(JSON.parse(readFileSync('package.json', 'utf8')));
  const numbers = (text = '') => text.split('.').map(Number);
  const [least = 0, leastMinor = 0] = numbers(/^>=(.*)$/.exec(engines.node)?.[1]);
  const [major = 0, minor = 0] = numbers(/^node:([\d.]+)-/.exec(stages[0]?.from ?? '')?.[1]);
  expect(major * 1000 + minor).toBeGreaterThanOrEqual(least * 1000 + leastMinor);
  // Odd versions of Node have no long-term support.
  expect(major % 2).toBe(0);
});

test('the program runs as root, or without a check of its health', () => {
  expect(inImage('USER')).toEqual(['node']);
  expect(inImage('HEALTHCHECK')).toHaveLength(1);
  expect(inImage('RUN').join()).not.toMatch(/npm/);
});

/** The check of its health, as Docker does it, in a container whose ports answer with these; null: nobody listens. */
async function isHealthy(gateway: number | null, worker: number | null): Promise<boolean> {
  const [program = '', ...args] = list(/ CMD (.*)$/.exec(inImage('HEALTHCHECK')[0] ?? '')?.[1]);
  const portOf = async (status: number | null) =>
    status === null ? '9' : new URL((await anAnsweringServer(() => ({ status }))).url).port;
  const ports = { PORT: await portOf(gateway), WORKER_HEALTH_PORT: await portOf(worker) };
  const { ended } = aProgram(program, args, ports);
  return (await ended()) === 0;
}

test.each([
  ['a gateway', 200, null, true],
  ['a worker', null, 200, true],
  ['a program that answers with an error', null, 503, false],
  ['a program that does not listen', null, null, false],
])('the health of %s is told wrongly', async (_what, gateway, worker, healthy) => {
  expect(await isHealthy(gateway, worker)).toBe(healthy);
});

test('what is started is not the program that is built', () => {
  const program = list(inImage('ENTRYPOINT')[0]).at(-1) ?? '';
  const { bin } = z
    .object({ bin: z.object({ flywheel: z.string() }) })
    .parse(JSON.parse(readFileSync('package.json', 'utf8')));
  expect(program).toBe(bin.flywheel);
  expect(list(inImage('CMD')[0])).toEqual(['gateway']);
});

test('a variable is set that nobody reads, or a port that is not exposed', () => {
  for (const name of Object.keys(env)) expect(KNOWN_VARIABLES).toContain(name);
  expect(inImage('EXPOSE')).toEqual([`${env['PORT']} ${env['WORKER_HEALTH_PORT']}`]);
});

test('what a process keeps on disk lies elsewhere than in the folder that is its own', () => {
  const [folder] = /(?<=install -d -o node -g node -m 700 )\S+/.exec(inImage('RUN').join('\n')) ?? [];
  for (const name of ['FLYWHEEL_SPOOL_DIR', 'FLYWHEEL_PROXY_SPOOL_DIR'])
    expect(dirname(env[name] ?? '')).toBe(folder);
  const { services } = loadConfig({ file: 'config/demo.yaml', env, dataDir: '/tmp' });
  expect(services.proxy.spoolDir).toBe(env['FLYWHEEL_PROXY_SPOOL_DIR']);
});

test('a file that is copied is not there, or is kept from the build', () => {
  const copied = stages[0]?.instructions.flatMap(([name, rest]) =>
    name === 'COPY' ? rest.split(' ').slice(0, -1) : [],
  );
  const allowed = readFileSync('.dockerignore', 'utf8').match(/(?<=^!).*$/gm);
  expect(copied?.length).toBeGreaterThan(5);
  expect(copied?.filter((file) => !existsSync(file))).toEqual([]);
  expect(new Set(copied)).toEqual(new Set(allowed));
});

test('a file that the build leaves behind is copied, or one that the program needs is not', () => {
  expect(inImage('COPY').map((rest) => rest.split(' ').at(-2))).toEqual([
    ...['/app/package.json', '/app/node_modules', '/app/dist', '/app/config'],
  ]);
});
