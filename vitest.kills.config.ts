import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** Kills the workers of runs that share GPUs 200 times, where the default run does it a few times. */
export default defineConfig({
  test: { ...base.test, include: ['test/gpu-leases/killed-workers.test.ts'], env: { KILLS: '200' } },
});
