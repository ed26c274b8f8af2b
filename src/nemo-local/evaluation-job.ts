import { z } from 'zod';
import type { Evaluation } from './evaluation-config.js';

/** An entity's name, `<namespace>/<name>`, or the entity itself. */
const EntityRef = z.union([z.string().min(1), z.looseObject({ type: z.string() })]);
export type EntityRef = z.infer<typeof EntityRef>;

export const NewEvaluation = z.looseObject({
  namespace: z.string().default('default'),
  config: EntityRef,
  target: EntityRef,
});

export interface EvaluationJob extends Evaluation {
  id: string;
  namespace: string;
  status: 'created' | 'running' | 'cancelling' | 'cancelled' | 'failed' | 'completed';
  status_details: {
    message: string | null;
    task_status: Record<string, 'pending' | 'running' | 'completed' | 'failed'>;
    /** Share of samples done, 0..100. */
    progress: number | null;
    samples_processed: number | null;
  };
  result: string | null;
  created_at: string;
  updated_at: string;
  [member: string]: unknown;
}

/** A copy in which every API key reads `******`: keys are used, never shown. */
export function withoutKeys<T>(value: T): T {
  const masked = JSON.stringify(value, (key, member: unknown) =>
    key === 'api_key' && typeof member === 'string' ? '******' : member,
  );
  // Same shape as before: only the text of keys has changed.
  return JSON.parse(masked) as T;
}
