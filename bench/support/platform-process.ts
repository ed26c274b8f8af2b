import { startNemoLocal } from '../../src/nemo-local/index.js';

// nemo-local in a process of its own, so that what measures it does not slow it: takes the data folder, says its URLs over IPC.
const { nemoUrl, nimUrl, dataStoreUrl } = await startNemoLocal({ dataDir: process.argv[2] ?? '' });
process.send?.({ nemoUrl, nimUrl, dataStoreUrl });
process.on('disconnect', () => process.exit());
