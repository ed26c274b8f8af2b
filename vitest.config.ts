import { defineConfig } from 'vitest/config';
import { compiledProgram } from './test/support/built-program.js';

export default defineConfig({
  plugins: [compiledProgram()],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    // Workers are native: one runtime a process.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
