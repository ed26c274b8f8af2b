import type { ChatClient, ChatResult } from './chat-client.js';
import type { EvaluationTask, Metric, ModelRef, StringCheckMetric } from './evaluation-job.js';
import { askJudge } from './judge-metric.js';
import { renderRequest, renderText, type TemplateContext } from './template.js';
import { scoreToolCalls } from './tool-call-metric.js';

/** One row with the model's answer to it and what the metrics say; as written to results.json. */
export interface Sample {
  item: unknown;
  sample: { output_text: string | null; response: unknown };
  metrics: Record<string, { scores?: Record<string, { value: number }>; error?: string }>;
  requests: { request: unknown; response: unknown }[];
  /** Why there is no answer to score. */
  error?: string;
}

export interface ScoringMeans {
  client: ChatClient;
  model: ModelRef;
  /** Sampling parameters for every row; a task's own template wins. */
  sampling: Record<string, unknown>;
  signal: AbortSignal;
}

/** Sends one row through the model and scores the answer. Rejects only when the job is aborted. */
export async function scoreRow(item: unknown, task: EvaluationTask, means: ScoringMeans): Promise<Sample> {
  const metrics = Object.entries(task.metrics);
  try {
    const body = { ...means.sampling, ...renderRequest(task.params.template, { item }) };
    const answer = await means.client.complete(means.model, body, means.signal);
    return await scoreAnswer(item, answer, metrics, means);
  } catch (error) {
    means.signal.throwIfAborted();
    const reason = messageOf(error);
    const failed = Object.fromEntries(
      metrics.map(([name]) => [name, { error: `no answer to score: ${reason}` }]),
    );
    return {
      item,
      sample: { output_text: null, response: null },
      metrics: failed,
      requests: [],
      error: reason,
    };
  }
}

async function scoreAnswer(
  item: unknown,
  answer: ChatResult,
  metrics: [string, Metric][],
  means: ScoringMeans,
): Promise<Sample> {
  const sample = { output_text: answer.outputText, response: answer.response };
  const scored: Sample = {
    item,
    sample,
    metrics: {},
    requests: [{ request: answer.request, response: answer.response }],
  };
  for (const [name, metric] of metrics) {
    try {
      scored.metrics[name] = await scoreMetric(metric, { item, sample }, answer, means, scored.requests);
    } catch (error) {
      means.signal.throwIfAborted();
      scored.metrics[name] = { error: messageOf(error) };
    }
  }
  return scored;
}

async function scoreMetric(
  metric: Metric,
  context: TemplateContext,
  answer: ChatResult,
  means: ScoringMeans,
  requests: Sample['requests'],
): Promise<Sample['metrics'][string]> {
  switch (metric.type) {
    case 'tool-calling':
      return { scores: wrapped(scoreToolCalls(metric, context, answer.toolCalls)) };
    case 'string-check':
      return { scores: wrapped({ 'string-check': checkStrings(metric, context) }) };
    case 'llm-judge': {
      const verdict = await askJudge(metric, context, means.client, means.signal);
      requests.push(verdict.request);
      return { scores: wrapped(verdict.scores), ...(verdict.error !== null && { error: verdict.error }) };
    }
  }
}

const wrapped = (scores: Record<string, number>) =>
  Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, { value }]));

function checkStrings({ params: { check } }: StringCheckMetric, context: TemplateContext): number {
  const [left, right] = [renderText(check[0], context), renderText(check[2], context)];
  switch (check[1]) {
    case 'equals':
      return Number(left === right);
    case 'not equals':
      return Number(left !== right);
    case 'contains':
      return Number(left.includes(right));
    case 'not contains':
      return Number(!left.includes(right));
    case 'startswith':
      return Number(left.startsWith(right));
    case 'endswith':
      return Number(left.endsWith(right));
  }
}

/** The names of the scores that a metric owes for every row. */
export function scoreNames(metric: Metric): string[] {
  switch (metric.type) {
    case 'tool-calling':
      return ['function_name_accuracy', 'function_name_and_args_accuracy'];
    case 'string-check':
      return ['string-check'];
    case 'llm-judge':
      return Object.keys(metric.params.scores);
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
