import { expect, test } from 'vitest';
import type { CanonicalRecord } from '../../src/records/canonical-record.js';
import { readRecord } from '../../src/records/read-record.js';
import { simulateTraffic } from '../../src/traffic/index.js';
import { OPTIONS } from '../support/log-records.js';

const logs = [...simulateTraffic({ seed: 1, conversations: 320 })];
const read = logs.map((log) => readRecord(log, OPTIONS));
const records = read.flatMap((result): CanonicalRecord[] => ('record' in result ? [result.record] : []));
const calls = records.flatMap(({ messages, answer }) =>
  answer.toolCalls.map(({ name }) => ({ name, words: wordsOf(messages.at(-1)?.content) })),
);

function wordsOf(content: unknown): Set<string> {
  return new Set(
    String(content)
      .toLowerCase()
      .match(/[a-zäöüß_]+/g),
  );
}

const countBy = <T>(items: T[], keyOf: (item: T) => string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
};
const most = (counts: Map<string, number>): number => Math.max(0, ...counts.values());

test('the logs differ from one seed to the next, or not at all', () => {
  expect([...simulateTraffic({ seed: 1, conversations: 320 })]).toEqual(logs);
  expect([...simulateTraffic({ seed: 2, conversations: 320 })]).not.toEqual(logs);
});

test('there are fewer than 300 conversations, or one without 2 to 12 turns', () => {
  // The longest history of a conversation, with its answer, is the whole of it.
  const longest = new Map<string, CanonicalRecord>();
  for (const record of records) {
    const known = longest.get(record.session ?? '');
    if (!known || record.messages.length > known.messages.length) longest.set(record.session ?? '', record);
  }
  expect(longest.size).toBeGreaterThanOrEqual(300);
  for (const [session, { messages, answer }] of longest) {
    const turns = [...messages, answer].filter(
      ({ role, toolCalls }) => role === 'user' || (role === 'assistant' && toolCalls.length === 0),
    );
    expect(turns.length, session).toBeGreaterThanOrEqual(2);
    expect(turns.length, session).toBeLessThanOrEqual(12);
  }
});

test('fewer than eight tools are called, or hardly ever', () => {
  const tools = countBy(calls, ({ name }) => name);
  expect(tools.size).toBeGreaterThanOrEqual(8);
  expect(Math.min(...tools.values())).toBeGreaterThanOrEqual(10);
  const share = calls.length / records.length;
  expect(share).toBeGreaterThan(0.35);
  expect(share).toBeLessThan(0.75);
});

test('always naming the most frequent tool is right in 60 % of the calls', () => {
  expect(most(countBy(calls, ({ name }) => name)) / calls.length).toBeLessThan(0.6);
});

/** Calls that the best rule "if the last message has this word, this tool, else that tool" gets right. */
function bestKeywordRule(): { word: string; right: number } {
  const rules = [...new Set(calls.flatMap(({ words }) => [...words]))].map((word) => {
    const [having, lacking] = [true, false].map((has) =>
      calls.filter(({ words }) => words.has(word) === has),
    );
    const right =
      most(countBy(having ?? [], ({ name }) => name)) + most(countBy(lacking ?? [], ({ name }) => name));
    return { word, right };
  });
  return rules.reduce((best, rule) => (rule.right > best.right ? rule : best));
}

test('one keyword is enough to name the right tool in 60 % of the calls', () => {
  const { word, right } = bestKeywordRule();
  expect(right / calls.length, word).toBeLessThan(0.6);
});

test('a tool never refuses, or nothing in the logs is broken', () => {
  const refusals = records.filter(({ messages }) => String(messages.at(-1)?.content).includes('"error"'));
  expect(refusals.length).toBeGreaterThan(3);
  const rejected = new Set(read.flatMap((result) => ('rejected' in result ? [result.rejected] : [])));
  expect(rejected).toContain('broken-arguments');
  expect(rejected.size).toBeGreaterThanOrEqual(4);
  expect(records.length / logs.length).toBeGreaterThan(0.95);
});
