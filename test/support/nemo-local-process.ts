import { startNemoLocal } from '../../src/nemo-local/index.js';

// A process of its own for tests that kill it: takes the data folder as argument, says its URLs over IPC.
const platform = await startNemoLocal({ dataDir: process.argv[2] ?? '' });
process.send?.({ ...platform });
process.on('disconnect', () => process.exit());
