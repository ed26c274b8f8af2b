import type { AskedModels } from './asked-models.js';
import type { LlmJudgeMetric } from './evaluation-metric.js';
import { pythonPattern } from './python-pattern.js';
import { renderRequest, type TemplateContext } from './template.js';

export interface JudgeVerdict {
  scores: Record<string, number>;
  /** Why scores are missing; null when none is. */
  error: string | null;
  request: { request: unknown; response: unknown };
}

/** Asks the judge about one answer and reads its ratings out of its words; an unreadable one is a failure, not a zero. */
export async function askJudge(
  { params }: LlmJudgeMetric,
  context: TemplateContext,
  models: AskedModels,
  signal: AbortSignal,
): Promise<JudgeVerdict> {
  const { request, response, outputText } = await models.complete(
    'chat-completion',
    params.model,
    renderRequest(params.template, context),
    signal,
  );
  const text = outputText ?? '';
  const read = Object.entries(params.scores).map(([name, { parser }]) => ({
    name,
    value: readInteger(text, parser.pattern),
  }));
  const missing = read.filter(({ value }) => value === null).map(({ name }) => name);
  return {
    scores: Object.fromEntries(read.flatMap(({ name, value }) => (value === null ? [] : [[name, value]]))),
    error:
      missing.length === 0
        ? null
        : `the judge gave no ${missing.join(', ')}: ${JSON.stringify(text.slice(0, 200))}`,
    request: { request, response },
  };
}

/** The pattern's first group as a whole number; null when it does not match one. */
function readInteger(text: string, pattern: string): number | null {
  const found = pythonPattern(pattern).exec(text)?.[1]?.trim() ?? '';
  return /^[-+]?\d+$/.test(found) ? Number(found) : null;
}
