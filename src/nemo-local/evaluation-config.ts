import { z } from 'zod';
import { Metric, ModelRef } from './evaluation-metric.js';
import { Templated } from './template.js';

/** The name of a registered dataset, or a file or folder of a dataset repository. */
const DatasetRef = z.union([
  z.string().min(1),
  z.looseObject({ files_url: z.string().min(1), limit: z.number().int().min(1).nullish() }),
]);
export type DatasetRef = z.infer<typeof DatasetRef>;

const metrics = z.record(z.string(), Metric);

const ChatTask = z.looseObject({
  type: z.literal('chat-completion'),
  dataset: DatasetRef,
  params: z.looseObject({ template: Templated(z.looseObject({ messages: z.unknown() })) }),
  metrics,
});

const CompletionTask = z.looseObject({
  type: z.literal('completion'),
  dataset: DatasetRef,
  params: z.looseObject({ template: Templated(z.looseObject({ prompt: z.string() })) }),
  metrics,
});

/** Scores rows as they are: no model is asked. */
const DataTask = z.looseObject({ type: z.literal('data'), dataset: DatasetRef.nullish(), metrics });

const Task = z.discriminatedUnion('type', [ChatTask, CompletionTask, DataTask]);
export type EvaluationTask = z.infer<typeof Task>;

const Params = z.looseObject({
  parallelism: z.number().int().min(1).nullish(),
  limit_samples: z.number().int().min(1).nullish(),
  max_retries: z.number().int().min(0).nullish(),
  /** Seconds. */
  request_timeout: z.number().positive().nullish(),
});
export type EvaluationParams = z.infer<typeof Params>;

/** A config that can be carried out here; others can be stored all the same. */
export const RunnableConfig = z.looseObject({
  type: z.literal('custom'),
  params: Params.nullish(),
  tasks: z.record(z.string(), Task).refine((tasks) => Object.keys(tasks).length > 0, 'names no task'),
});

export const RunnableTarget = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('model'), model: ModelRef }),
  z.looseObject({ type: z.literal('rows'), rows: z.array(z.unknown()).min(1) }),
  z.looseObject({ type: z.literal('dataset'), dataset: DatasetRef }),
  z.looseObject({
    type: z.literal('cached_outputs'),
    cached_outputs: z.looseObject({ files_url: z.string().min(1) }),
  }),
]);

/** What to evaluate and how, with every reference resolved. */
export const Evaluation = z
  .object({ config: RunnableConfig, target: RunnableTarget })
  .superRefine(({ config, target }, context) => {
    for (const [name, task] of Object.entries(config.tasks)) {
      const path = ['config', 'tasks', name];
      if (task.type !== 'data' && target.type !== 'model') {
        const message = `a ${task.type} task needs a target of type model, not ${target.type}`;
        context.addIssue({ code: 'custom', path: [...path, 'type'], message });
      }
      if (task.type === 'data' && !task.dataset && target.type === 'model') {
        const message = 'is required: neither the task nor the target has rows';
        context.addIssue({ code: 'custom', path: [...path, 'dataset'], message });
      }
    }
  });
export type Evaluation = z.infer<typeof Evaluation>;
