/** The bundle's door: each exported function is a workflow. */
export { candidate } from './candidate.js';
export { deleteRun } from './delete-run.js';
export { flywheelRun } from './flywheel-run.js';
export { gpuPool } from './gpu-pool.js';
export { scheduledRun } from './scheduled-run.js';
export { servedModel } from './served-model.js';
export { sweep } from './sweep.js';
