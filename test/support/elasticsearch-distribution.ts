import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../src/message-of.js';

const run = promisify(execFile);

export const ELASTICSEARCH_VERSION = '8.19.21';
const ARTIFACT = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${ELASTICSEARCH_VERSION}:zip`;

/** Folder of an unpacked server: from the cache, else by Maven from Maven Central (107 MB, once). */
export async function installedElasticsearch(): Promise<string> {
  const cache = cacheFolder();
  const home = path.join(cache, `elasticsearch-${ELASTICSEARCH_VERSION}`);
  if (await isThere(path.join(home, 'bin', 'elasticsearch'))) return home;

  await mkdir(cache, { recursive: true });
  const unpacked = await mkdtemp(path.join(cache, 'unpacking-'));
  try {
    await unpackInto(unpacked);
    await chmod(unpacked, 0o755);
    // Renaming is atomic: a test run that unpacked at the same time finds ours, or we its.
    await rename(path.join(unpacked, `elasticsearch-${ELASTICSEARCH_VERSION}`), home).catch(
      async (error: unknown) => {
        if (!(await isThere(home))) throw error;
      },
    );
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
  return home;
}

/** Elasticsearch is started with the Java on the PATH; its distribution for tests brings none. */
export async function javaHome(): Promise<string> {
  const { stdout } = await run('which', ['java']).catch(() => {
    throw new Error('no `java` (17 or later) on the PATH');
  });
  return path.dirname(path.dirname(await realpath(stdout.trim())));
}

async function unpackInto(folder: string): Promise<void> {
  await javaHome();
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack';
  await run('mvn', ['-q', '-B', goal, `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${folder}`], {
    cwd: folder,
  }).catch((error: unknown) => {
    const words = messageOf(error);
    throw new Error(
      `Maven could not fetch ${ARTIFACT} (set ELASTICSEARCH_URL to use a server of yours): ${words}`,
    );
  });
}

/** Another user cannot read root's cache, and the server does not run as root. */
function cacheFolder(): string {
  if (process.getuid?.() === 0) return path.join(os.tmpdir(), 'flywheel-cache');
  return path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'flywheel');
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
