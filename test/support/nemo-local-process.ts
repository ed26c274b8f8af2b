import { startNemoLocal } from '../../src/nemo-local/index.js';

// A process of its own for tests that kill it: takes the data folder and the time scale, says its URLs over IPC.
const [dataDir = '', timeScale = '0'] = process.argv.slice(2);
const platform = await startNemoLocal({ dataDir, timeScale: Number(timeScale) });
process.send?.({ ...platform });
process.on('disconnect', () => process.exit());
