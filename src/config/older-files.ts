import { z } from 'zod';
import { flag, integer } from './lax.js';

/** Versions 0.1 and 0.2 of the blueprint said `type` of their judge, all later ones `deployment_type`. */
const olderFile = z.looseObject({
  llm_judge_config: z.looseObject({ type: z.string(), deployment_type: z.null().optional() }),
  nims: z.array(z.unknown()),
});

const withoutCustomizer = z.looseObject({
  model_name: z.string(),
  customization_enabled: flag,
  customizer_configs: z.null().optional(),
  gpus: integer({ ge: 1 }).catch(1),
});

/**
 * The content of a file in the words of today. Those versions trained by a configuration that the platform had under the
 * model's own name; for a candidate without `customizer_configs` it is written here as that platform's chart had it.
 */
export function completed(content: unknown): { content: unknown; warnings: string[] } {
  const { data: file } = olderFile.safeParse(content);
  if (!file) return { content, warnings: [] };
  const warnings: string[] = [];
  const nims = file.nims.map((nim, index) => {
    const { data } = withoutCustomizer.safeParse(nim);
    if (!data?.customization_enabled) return nim;
    const { model_name, gpus } = data;
    const target = `${model_name}@2.0`;
    warnings.push(
      `nims[${index}].customizer_configs is missing, as in the blueprint 0.1 and 0.2: ${model_name} is customized with the ` +
        `target ${target} on ${gpus} GPU${gpus === 1 ? '' : 's'}; write target and gpus there if your platform has others`,
    );
    return Object.assign({}, nim, { customizer_configs: { target, gpus, tensor_parallel_size: gpus } });
  });
  return { content: { ...file, nims }, warnings };
}
