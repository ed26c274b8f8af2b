import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTemporalBinary } from '../../src/cli/temporal-binary.js';
import { startTemporalServer } from '../../src/cli/temporal-server.js';
import { writeBundle } from '../../src/worker/bundle.js';

/** What all test files share: a Temporal server with its UI, the program itself, and the bundled workflows. */
export interface SharedTemporal {
  address: string;
  uiUrl: string;
  binary: string;
  bundle: string;
}

export async function startSharedTemporal(): Promise<{ shared: SharedTemporal; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-workflows-'));
  const bundle = join(folder, 'workflow-bundle.js');
  await writeBundle(fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)), bundle);
  const binary = await findTemporalBinary(process.env, (line) => console.log(line));
  const server = await startTemporalServer({ binary, port: 0, uiPort: 0, file: null });
  return {
    shared: { address: server.address, uiUrl: server.uiUrl, binary, bundle },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
