#!/usr/bin/env node
import { CommanderError } from 'commander';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { ConfigError } from '../config/index.js';
import { createProgram } from './program.js';
import { describe, INTERRUPTED, Problem, WRONG_USE } from './problem.js';

// We stop our parts in order ourselves, and say what happened in our own words.
Runtime.install({
  shutdownSignals: [],
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
});

/** With what the program ends by each; a terminal that is closed sends SIGHUP. */
const SIGNALS = { SIGINT: INTERRUPTED, SIGTERM: 143, SIGHUP: 129 };

const interruption = new AbortController();
for (const [name, exitCode] of Object.entries(SIGNALS))
  process.on(name, () => {
    // The second one is impatient: whatever still runs is a child of ours and ends with us.
    if (interruption.signal.aborted) process.exit(exitCode);
    interruption.abort(new Problem('Interrupted.', exitCode));
  });

try {
  await createProgram(interruption.signal).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
// A connection that is still closing must not keep the program.
process.exit();

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
  console.error(describe(error));
  if (error instanceof Problem) return error.exitCode;
  return error instanceof ConfigError ? WRONG_USE : 1;
}
