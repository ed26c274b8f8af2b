import type { AskedModels } from './asked-models.js';
import type { BleuMetric, Metric, SimilarityMetric } from './evaluation-metric.js';
import { askJudge } from './judge-metric.js';
import { exactMatch, tokenF1 } from './scores/answer-match.js';
import { bleuCounts, sentenceBleu, type BleuCounts } from './scores/bleu.js';
import { checkNumbers } from './scores/number-check.js';
import { ROUGE_SCORES, rouge } from './scores/rouge.js';
import { checkStrings } from './scores/string-check.js';
import { renderText, type TemplateContext } from './template.js';
import { scoreToolCalls } from './tool-call-metric.js';

/** What a metric says of one row. */
export interface MetricOutcome {
  scores: Record<string, { value: number }>;
  /** Why scores are missing. */
  error?: string;
  /** What the corpus score is made of. */
  counts?: BleuCounts;
}

export interface ScoredRow {
  context: TemplateContext;
  /** Tool calls of the answer. */
  toolCalls: unknown[];
}

export interface JudgeMeans {
  models: AskedModels;
  signal: AbortSignal;
  /** Gets every request to a judge. */
  requests: { request: unknown; response: unknown }[];
}

/** Scores one row by one metric. Rejects when it cannot be scored at all. */
export async function scoreMetric(metric: Metric, row: ScoredRow, means: JudgeMeans): Promise<MetricOutcome> {
  const render = (template: string) => renderText(template, row.context);
  switch (metric.type) {
    case 'tool-calling':
      return valued(scoreToolCalls(render(metric.params.tool_calls_ground_truth), row.toolCalls));
    case 'string-check': {
      const [left, operation, right] = metric.params.check;
      return valued({ 'string-check': checkStrings(render(left), operation, render(right)) });
    }
    case 'number-check': {
      const { check, epsilon } = metric.params;
      return valued({ 'number-check': checkNumbers(render(check[0]), check[1], render(check[2]), epsilon) });
    }
    case 'bleu': {
      const counts = bleuCounts(candidateOf(metric, row), metric.params.references.map(render));
      return { ...valued({ sentence: sentenceBleu(counts) }), counts };
    }
    case 'f1':
      return valued({ f1_score: tokenF1(render(metric.params.ground_truth), candidateOf(metric, row)) });
    case 'em':
      return valued({ em_score: exactMatch(render(metric.params.ground_truth), candidateOf(metric, row)) });
    case 'rouge':
      return valued(rouge(render(metric.params.ground_truth), candidateOf(metric, row)));
    case 'llm-judge': {
      const verdict = await askJudge(metric, row.context, means.models, means.signal);
      means.requests.push(verdict.request);
      return { ...valued(verdict.scores), ...(verdict.error !== null && { error: verdict.error }) };
    }
  }
}

/** The names of the scores that a metric owes for every row. */
export function scoreNames(metric: Metric): readonly string[] {
  switch (metric.type) {
    case 'tool-calling':
      return ['function_name_accuracy', 'function_name_and_args_accuracy'];
    case 'string-check':
    case 'number-check':
      return [metric.type];
    case 'bleu':
      return ['sentence'];
    case 'f1':
      return ['f1_score'];
    case 'em':
      return ['em_score'];
    case 'rouge':
      return ROUGE_SCORES;
    case 'llm-judge':
      return Object.keys(metric.params.scores);
  }
}

/** The text to score: what the metric names, else the model's answer. */
function candidateOf({ params }: BleuMetric | SimilarityMetric, { context }: ScoredRow): string {
  if (params.candidate !== undefined) return renderText(params.candidate, context);
  const text = context.sample?.output_text;
  if (typeof text === 'string') return text;
  throw new Error('the answer has no text to score');
}

const valued = (scores: Record<string, number | null>): MetricOutcome => ({
  scores: Object.fromEntries(
    Object.entries(scores).flatMap(([name, value]) => (value === null ? [] : [[name, { value }]])),
  ),
});
