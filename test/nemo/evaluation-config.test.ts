import { Template } from '@huggingface/jinja';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { evaluationConfig, type ModelReference } from '../../src/nemo/evaluation-config.js';
import type { EvaluationSlice, ExperimentKind } from '../../src/run-record.js';

const TOOLS: EvaluationSlice = { type: 'tool-calling', file: 'eval_data.jsonl', rows: 60, tools: true };
const PLAIN: EvaluationSlice = { type: 'generic', file: 'eval_plain.jsonl', rows: 40, tools: false };
const PLAIN_WITH_TOOLS: EvaluationSlice = { ...PLAIN, file: 'eval_plain_tools.jsonl', rows: 5, tools: true };

const Judge = z.object({
  params: z.object({
    model: z.unknown(),
    template: z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) }),
    scores: z.record(z.string(), z.object({ parser: z.object({ pattern: z.string() }) })),
  }),
});
const Task = z.object({
  dataset: z.object({ files_url: z.string(), limit: z.number() }),
  params: z.object({ template: z.record(z.string(), z.string()) }),
  metrics: z.record(z.string(), z.unknown()),
});

function tasksOf(slices: EvaluationSlice[], kind: ExperimentKind = 'base', judge: ModelReference = 'judge') {
  const { tasks } = evaluationConfig({ kind, slices, filesUrl: 'hf://datasets/ns/d', judge });
  return z.record(z.string(), Task).parse(tasks);
}

const judgeOf = (metric: unknown) => Judge.parse(metric).params;
const plainJudge = (kind: ExperimentKind = 'base', judge: ModelReference = 'judge') =>
  judgeOf(tasksOf([PLAIN], kind, judge)['llm-as-judge']?.metrics['llm-judge']);
const toolJudge = (kind: ExperimentKind = 'base') =>
  judgeOf(tasksOf([TOOLS], kind)['custom-tool-calling']?.metrics['correctness']);

/** What the evaluator reads from a judge's text: the first group of the first match. */
const read = (pattern: string | undefined, text: string): string | null =>
  new RegExp(pattern ?? '').exec(text)?.[1] ?? null;

test.each([
  ['1', '1'],
  ['9', '9'],
  ['10', '10'],
  [' 7\n', '7'],
  ['8.', '8'],
  ['7/10', '7'],
  ['10 / 10', '10'],
  ['0', null],
  ['11', null],
  ['100', null],
  ['-3', null],
  ['7.5', null],
  ['I would say 7', null],
  ['7 of 9 points agree', null],
  ['', null],
])("a judge's %j is read as another rating than %j", (text, rating) => {
  expect(read(plainJudge().scores['similarity']?.parser.pattern, text)).toBe(rating);
});

test.each([
  ['Same calls.\nRATING: 1', '1'],
  ['RATING:0', '0'],
  ['RATING: 10', null],
  ['the rating is 1', null],
])("a judge's word on tool calls, %j, is read as another than %j", (text, rating) => {
  expect(read(toolJudge().scores['rating']?.parser.pattern, text)).toBe(rating);
});

test('slices share a task, a file or a number of rows', () => {
  const tasks = tasksOf([TOOLS, PLAIN, PLAIN_WITH_TOOLS]);
  expect(Object.entries(tasks).map(([name, { dataset }]) => [name, dataset])).toEqual([
    ['custom-tool-calling', { files_url: 'hf://datasets/ns/d/eval_data.jsonl', limit: 60 }],
    ['llm-as-judge', { files_url: 'hf://datasets/ns/d/eval_plain.jsonl', limit: 40 }],
    ['llm-as-judge-2', { files_url: 'hf://datasets/ns/d/eval_plain_tools.jsonl', limit: 5 }],
  ]);
});

test('a request without tools names a tool choice, or one with tools lacks it', () => {
  const tasks = tasksOf([TOOLS, PLAIN, PLAIN_WITH_TOOLS]);
  const keys = Object.values(tasks).map(({ params }) => Object.keys(params.template));
  const withTools = ['messages', 'tools', 'tool_choice'];
  expect(keys).toEqual([withTools, ['messages'], withTools]);
});

describe('a judge', () => {
  const item = {
    request: { messages: [{ role: 'user', content: 'with examples' }] },
    original_messages: [{ role: 'user', content: 'as asked' }],
    response: { choices: [{ message: { content: 'logged', tool_calls: [{ id: 'logged' }] } }] },
  };
  const sample = {
    output_text: 'given',
    response: { choices: [{ message: { tool_calls: [{ id: 'given' }] } }] },
  };
  const rendered = (judge: z.infer<typeof Judge>['params']) =>
    judge.template.messages.map(({ content }) => new Template(content).render({ item, sample })).join('\n');

  test.each([
    ['base', 'with examples'],
    ['customized', 'with examples'],
    ['icl', 'as asked'],
  ] as const)('of kind %s does not read what production was asked', (kind, asked) => {
    for (const judge of [plainJudge(kind), toolJudge(kind)])
      expect(rendered(judge)).toMatch(new RegExp(`<conversation>\\n.*${asked}.*\\n</conversation>`));
  });

  test('mixes up reference and answer', () => {
    const plain = rendered(plainJudge());
    expect(plain).toContain('<reference>\nlogged\n</reference>\n<answer>\ngiven\n</answer>');
    expect(rendered(toolJudge())).toMatch(/<reference>\n.*logged.*\n<\/reference>\n<answer>\n.*given/);
  });

  test('at an address of its own is called by name', () => {
    const endpoint = { api_endpoint: { url: 'https://judge/v1', model_id: 'j', api_key: 'k' } };
    expect(plainJudge('base', endpoint).model).toEqual(endpoint);
  });
});
