import type { Patience } from '../activities/contract.js';
import type { TimingConfig } from '../src/config/run-config.js';

/** How often jobs of a step are looked at, and how long they may show no sign of life. */
export const patienceOf = (
  timing: TimingConfig,
  step: 'deployment' | 'customization' | 'evaluation',
): Patience => ({ pollMs: timing[`${step}PollMs`], stallMs: timing[`${step}StallMs`] });
