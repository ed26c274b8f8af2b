import { access, constants, readdir } from 'node:fs/promises';
import { expect, inject, onTestFinished, test } from 'vitest';
import { descendants, isRunning } from '../support/descendants.js';
import { aFolder } from '../support/local-platform.js';
import { aProgram } from '../support/program.js';

// As users and service managers start it: built, by npm.

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm leaves what it has started running',
  async (signal) => {
    const folder = await aFolder();
    const env = { TMPDIR: folder, TEMPORAL_CLI: inject('temporal').binary };
    const npm = aProgram('npm', ['run', 'demo'], env);
    await npm.said(/Job \w+/);
    const started = descendants(npm.child.pid ?? 0);
    onTestFinished(() => started.filter(isRunning).forEach(({ pid }) => process.kill(pid, 'SIGKILL')));
    expect(started.length).toBeGreaterThanOrEqual(4);
    npm.child.kill(signal);
    await npm.ended();
    expect(started.filter(isRunning)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  },
  120_000,
);

test('what is built again cannot be executed, so that `npx flywheel` is refused', async () => {
  await access('dist/src/cli/main.js', constants.X_OK);
});
