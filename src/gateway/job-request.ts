import { z } from 'zod';
import { splitOverrides } from '../config/index.js';
import { textUpTo } from '../config/lax.js';

/** Log records, as stores and Temporal keep them, have no longer names. */
const name = textUpTo(256);

/** The body of `POST /api/jobs`; unknown keys are ignored, as in the blueprint. */
export const jobRequest = z.object({
  workload_id: name,
  client_id: name,
  data_split_config: splitOverrides.nullable().optional(),
});
