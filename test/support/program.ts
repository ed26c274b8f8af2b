import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { built } from './built.js';

/** The program as a user starts it, compiled; gone after the test. */
export interface Program {
  child: ChildProcess;
  /** Its temporary folder. */
  temporary: string;
  output: () => string;
  /** Resolves with the first match in its output; rejects when it ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  ended(): Promise<number | null>;
}

export const flywheel = (args: string[], env: NodeJS.ProcessEnv = {}): Program =>
  aProgram(process.execPath, [built('src/cli/main.ts'), ...args], env);

/** Any other way to start it. */
export function aProgram(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Program {
  // Killed, it leaves behind what it had there.
  const temporary = mkdtempSync(join(tmpdir(), 'flywheel-program-'));
  const child = spawn(command, args, {
    env: { ...withoutSettings(process.env), TMPDIR: temporary, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const exited = once(child, 'exit').then(() => child.exitCode);
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill('SIGKILL');
    await exited;
    await rm(temporary, { recursive: true, force: true });
  });
  return {
    child,
    temporary,
    output: () => output,
    ended: () => exited,
    async said(pattern) {
      for (;;) {
        const match = pattern.exec(output);
        if (match) return match;
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${output}`);
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), exited]);
      }
    },
  };
}

/** What the tests' own environment says must not decide. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours =
    /^(ELASTICSEARCH_URL|ES_COLLECTION_NAME|TEMPORAL_|NEMO_|NIM_|DATASTORE_|PORT|HOST|VITEST|NODE_ENV)/;
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !ours.test(name) || name === 'TEMPORAL_CLI'),
  );
}
