import { leftCustomizations } from './customization-run.js';
import { leftDeployments } from './deployment-states.js';
import { leftEvaluations } from './evaluation-run.js';
import type { Platform } from './platform.js';

/** Something that an earlier process had begun and not ended. */
export interface LeftWork {
  created_at: string;
  /** GPUs that it had. */
  holds?: { owner: string; gpus: number };
  goOn(): void;
}

/** Takes up what an earlier process left: first everything gets its GPUs back, then all go on in their order. */
export function resume(platform: Platform): void {
  const left = [
    ...leftDeployments(platform),
    ...leftCustomizations(platform),
    ...leftEvaluations(platform),
  ].sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0));
  for (const { holds } of left) if (holds) platform.gpus.hold(holds.owner, holds.gpus);
  for (const { goOn } of left) goOn();
}
