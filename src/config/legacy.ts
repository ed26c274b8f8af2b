const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Maps the judge keys of the blueprint's v0.1 and v0.2 (`type`, `model_id`) to today's; says what it mapped. */
export function mapLegacyKeys(raw: unknown): { raw: unknown; warnings: string[] } {
  if (!isObject(raw) || !isObject(raw['llm_judge_config'])) return { raw, warnings: [] };
  const { type, model_id, api_key_env, ...judge } = raw['llm_judge_config'];
  const warnings: string[] = [];
  const rename = (old: string, value: unknown, name: string) => {
    if (value === undefined) return;
    judge[name] ??= value;
    warnings.push(`llm_judge_config.${old} is now called ${name}`);
  };
  rename('type', type, 'deployment_type');
  rename('model_id', model_id, 'model_name');
  if (api_key_env !== undefined)
    warnings.push(
      'llm_judge_config.api_key_env is not read: the key comes from LLM_JUDGE_API_KEY or NVIDIA_API_KEY',
    );
  return { raw: { ...raw, llm_judge_config: judge }, warnings };
}
