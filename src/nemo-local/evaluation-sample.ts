import { z } from 'zod';
import { messageOf } from '../message-of.js';
import type { AskedModels } from './asked-models.js';
import type { EvaluationTask } from './evaluation-config.js';
import type { ModelRef } from './evaluation-metric.js';
import { scoreMetric, type MetricOutcome, type ScoredRow } from './metric-scores.js';
import { renderRequest, renderText, type TemplateContext } from './template.js';

/** One row with the model's answer to it and what the metrics say; as written to results.json. */
export interface Sample {
  item: unknown;
  sample: { output_text: string | null; response: unknown };
  metrics: Record<string, Partial<MetricOutcome>>;
  requests: { request: unknown; response: unknown }[];
  /** Why there is no answer to score. */
  error?: string;
}

export interface ScoringMeans {
  models: AskedModels;
  /** null when the target is no model. */
  model: ModelRef | null;
  /** Sampling parameters for every row; a task's own template wins. */
  sampling: Record<string, unknown>;
  signal: AbortSignal;
}

type ModelTask = Exclude<EvaluationTask, { type: 'data' }>;

/** Sends one row through the model and scores the answer. Rejects only when the job is aborted. */
export async function scoreRow(item: unknown, task: EvaluationTask, means: ScoringMeans): Promise<Sample> {
  try {
    if (task.type === 'data' || means.model === null) return await scoreAsItIs(item, task, means);
    const body = { ...means.sampling, ...renderBody(task, item) };
    const answer = await means.models.complete(task.type, means.model, body, means.signal);
    const { request, response, outputText, toolCalls } = answer;
    const sample = { output_text: outputText, response };
    const row = { context: { item, sample }, toolCalls };
    return await scoreAnswer(
      { item, sample, metrics: {}, requests: [{ request, response }] },
      row,
      task,
      means,
    );
  } catch (error) {
    means.signal.throwIfAborted();
    const reason = messageOf(error);
    const failed = Object.keys(task.metrics).map((name) => [
      name,
      { error: `no answer to score: ${reason}` },
    ]);
    const sample = { output_text: null, response: null };
    return { item, sample, metrics: Object.fromEntries(failed), requests: [], error: reason };
  }
}

function renderBody(task: ModelTask, item: unknown): Record<string, unknown> {
  const body = renderRequest(task.params.template, { item });
  if (task.type === 'chat-completion') return body;
  // A prompt stays text, even one that looks like JSON.
  return { ...body, prompt: renderText(task.params.template.prompt, { item }) };
}

const Offline = z.looseObject({
  output_text: z.string().nullable().catch(null).default(null),
  response: z
    .looseObject({
      choices: z.array(
        z.looseObject({ message: z.looseObject({ tool_calls: z.array(z.unknown()).nullish() }) }),
      ),
    })
    .nullable()
    .catch(null)
    .default(null),
});

/** A row that holds its answer already: its members stand bare in templates, `output_text` and `response` as the sample's too. */
async function scoreAsItIs(item: unknown, task: EvaluationTask, means: ScoringMeans): Promise<Sample> {
  const { output_text, response, ...members } = Offline.parse(item);
  const sample = { output_text, response };
  const context: TemplateContext = { ...members, output_text, response, item, sample };
  const row = { context, toolCalls: response?.choices[0]?.message.tool_calls ?? [] };
  return await scoreAnswer({ item, sample, metrics: {}, requests: [] }, row, task, means);
}

async function scoreAnswer(
  scored: Sample,
  row: ScoredRow,
  task: EvaluationTask,
  { models, signal }: ScoringMeans,
): Promise<Sample> {
  for (const [name, metric] of Object.entries(task.metrics)) {
    try {
      scored.metrics[name] = await scoreMetric(metric, row, { models, signal, requests: scored.requests });
    } catch (error) {
      signal.throwIfAborted();
      scored.metrics[name] = { error: messageOf(error) };
    }
  }
  return scored;
}
