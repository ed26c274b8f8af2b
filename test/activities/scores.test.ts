import { expect, test } from 'vitest';
import type { EvaluationSlice } from '../../src/run-record.js';
import { readSamples, readScores } from '../../activities/scores.js';

const TOOLS: EvaluationSlice = { type: 'tool-calling', file: 'eval_data.jsonl', rows: 20, tools: true };
const PLAIN: EvaluationSlice = { type: 'generic', file: 'eval_plain.jsonl', rows: 10, tools: false };

const score = (value: number | null, count?: number) => ({
  value,
  ...(count !== undefined && { stats: { count } }),
});
const judged = (value: number | null, count?: number) => ({
  metrics: { 'llm-judge': { scores: { similarity: score(value, count) } } },
});
const summary = (scores: ReturnType<typeof readScores>) =>
  scores.map(({ key, value, n, failed }) => [key, value, n, failed]);

test('a score is shown without its n, or rows that failed are not counted', () => {
  const results = {
    tasks: {
      'custom-tool-calling': {
        metrics: {
          'tool-calling-accuracy': {
            scores: {
              function_name_accuracy: score(0.8, 20),
              function_name_and_args_accuracy: score(0.5),
            },
          },
          correctness: { scores: { rating: score(0.75, 16) } },
        },
      },
    },
  };
  expect(summary(readScores(results, [TOOLS]))).toEqual([
    ['function_name', 0.8, 20, 0],
    ['function_name_and_args_accuracy', 0.5, 20, 0],
    ['tool_calling_correctness', 0.75, 16, 4],
  ]);
});

test('a missing metric takes others with it', () => {
  const tasks = { 'custom-tool-calling': { metrics: null }, 'llm-as-judge': judged(6, 10) };
  expect(summary(readScores({ tasks }, [TOOLS, PLAIN]))).toEqual([
    ['function_name', null, 0, 20],
    ['function_name_and_args_accuracy', null, 0, 20],
    ['tool_calling_correctness', null, 0, 20],
    ['similarity', 6, 10, 0],
  ]);
});

test('a score that no row has vanishes with its failed rows', () => {
  const unrated = { tasks: { 'llm-as-judge': judged(null, 0) } };
  expect(summary(readScores(unrated, [PLAIN]))).toEqual([['similarity', null, 0, 10]]);
});

test('plain slices are averaged without regard to their size', () => {
  const tasks = { 'llm-as-judge': judged(4, 10), 'llm-as-judge-2': judged(10, 5) };
  const slices = [PLAIN, { ...PLAIN, rows: 8 }];
  expect(summary(readScores({ tasks }, slices))).toEqual([['similarity', 6, 15, 3]]);
  const half = { tasks: { 'llm-as-judge': judged(4, 10) } };
  expect(summary(readScores(half, slices))).toEqual([['similarity', 4, 10, 8]]);
});

test('a sample loses its row, or a failed judgement is a zero', () => {
  const accuracy = (value: number) => ({ scores: { function_name_accuracy: { value } } });
  const archive = {
    'custom-tool-calling': [
      { item: { flywheel_id: 'a' }, metrics: { 'tool-calling-accuracy': accuracy(1) } },
      { item: {}, metrics: null },
    ],
    other: [{ item: { flywheel_id: 'c' }, metrics: {} }],
  };
  const none = {
    function_name: null,
    function_name_and_args_accuracy: null,
    tool_calling_correctness: null,
  };
  expect(readSamples(archive, [TOOLS, PLAIN])).toEqual([
    { id: 'a', slice: 'tool-calling', scores: { ...none, function_name: 1 } },
    { id: 'custom-tool-calling-1', slice: 'tool-calling', scores: none },
  ]);
});
