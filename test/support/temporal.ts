import { findTemporalBinary } from '../../src/cli/temporal-binary.js';
import { startTemporalServer } from '../../src/cli/temporal-server.js';

/** What all test files share: a Temporal server with its UI. */
export interface SharedTemporal {
  address: string;
  uiUrl: string;
  binary: string;
}

export async function startSharedTemporal(): Promise<{ shared: SharedTemporal; stop(): Promise<void> }> {
  const binary = await findTemporalBinary(process.env, (line) => console.log(line));
  const server = await startTemporalServer({ binary, port: 0, uiPort: 0, file: null });
  return {
    shared: { address: server.address, uiUrl: server.uiUrl, binary },
    stop: () => server.stop(),
  };
}
