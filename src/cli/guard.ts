import { spawn } from 'node:child_process';

// Runs another program for as long as the process that started us is there: `guard PROGRAM ARGS…`.

const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: 'inherit' });

const FORCE_MS = 5_000;

const stop = () => {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), FORCE_MS);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop);
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
