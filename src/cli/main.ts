#!/usr/bin/env node
import { CommanderError } from 'commander';
import { createProgram } from './program.js';
import { describe, exitCodeOf, INTERRUPTED, Problem, WRONG_USE } from './problem.js';

/** With what the program ends by each; a terminal that is closed sends SIGHUP. */
const SIGNALS = { SIGINT: INTERRUPTED, SIGTERM: 143, SIGHUP: 129 };
const SIGPIPE = 141;

const interruption = new AbortController();
for (const [name, exitCode] of Object.entries(SIGNALS))
  process.on(name, () => {
    // The second one is impatient: whatever still runs is a child of ours and ends with us.
    if (interruption.signal.aborted) process.exit(exitCode);
    interruption.abort(new Problem('Interrupted.', exitCode));
  });
// Nobody reads any more, as after `| head`: ends in order, and says nothing.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', () => interruption.abort(new Problem('', SIGPIPE)));

try {
  const program = await createProgram(interruption.signal, process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
// A connection that is still closing must not keep the program.
process.exit();

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
  const isSilent = error instanceof Problem && error.message === '';
  if (!isSilent) console.error(describe(error));
  return exitCodeOf(error);
}
