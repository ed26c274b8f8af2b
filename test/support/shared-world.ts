import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { Gate } from './gate.js';
import { orderLogs } from './order-logs.js';
import { startWorld, type World, type WorldOptions } from './world.js';

/** A world with logs for all tests of a file, before whose platform each of them finds an open gate. */
export function sharedWorld(options: Omit<WorldOptions, 'gate'> = {}): { readonly world: World; gate: Gate } {
  // For a busy machine; on another one each test takes seconds.
  vi.setConfig({ testTimeout: 180_000 });
  const gate = new Gate();
  let world: World | undefined;
  beforeAll(async () => {
    world = await startWorld({ ...options, gate });
    await world.api.importRecords(orderLogs(30));
  });
  afterEach(() => gate.open());
  afterAll(() => world?.close());
  return {
    gate,
    get world() {
      if (!world) throw new Error('the world begins with the first test');
      return world;
    },
  };
}
