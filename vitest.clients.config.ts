import { defineConfig } from 'vitest/config';

/** Tries every supported version of the official clients, where the default run tries one of each. */
export default defineConfig({
  test: {
    include: ['test/nemo-local/clients/*.test.ts'],
    env: { ALL_CLIENTS: 'true' },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
