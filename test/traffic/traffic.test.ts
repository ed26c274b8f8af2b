import { expect, test } from 'vitest';
import type { CanonicalRecord, ReadRecord } from '../../src/records/canonical-record.js';
import { simulateTraffic } from '../../src/traffic/index.js';
import { readRecord } from '../support/log-records.js';
import { learnWordRule, type WordedCall } from './word-rule.js';

const logs = [...simulateTraffic({ seed: 1, conversations: 320 })];
const read = logs.map((log) => readRecord(log));
const records = recordsOf(read);
const calls = callsOf(records);

function recordsOf(results: readonly ReadRecord[]): CanonicalRecord[] {
  return results.flatMap((result) => ('record' in result ? [result.record] : []));
}

/** The calls with the words of the message that each answers, the customer's or a tool's. */
function callsOf(from: readonly CanonicalRecord[]): WordedCall[] {
  return from.flatMap(({ messages, answer }) =>
    answer.toolCalls.map(({ name }) => ({ tool: name, words: wordsOf(messages.at(-1)?.content) })),
  );
}

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
  const tools = countBy(calls, ({ tool }) => tool);
  expect(tools.size).toBeGreaterThanOrEqual(8);
  expect(Math.min(...tools.values())).toBeGreaterThanOrEqual(10);
  const share = calls.length / records.length;
  expect(share).toBeGreaterThan(0.35);
  expect(share).toBeLessThan(0.75);
});

test('always naming the most frequent tool is right in 60 % of the calls', () => {
  expect(most(countBy(calls, ({ tool }) => tool)) / calls.length).toBeLessThan(0.6);
});

/** Calls that the best rule "if the last message has this word, this tool, else that tool" gets right. */
function bestKeywordRule(seen: readonly WordedCall[]): { word: string; right: number } {
  const rules = [...new Set(seen.flatMap(({ words }) => [...words]))].map((word) => {
    const [having, lacking] = [true, false].map((has) => seen.filter(({ words }) => words.has(word) === has));
    const right =
      most(countBy(having ?? [], ({ tool }) => tool)) + most(countBy(lacking ?? [], ({ tool }) => tool));
    return { word, right };
  });
  return rules.reduce((best, rule) => (rule.right > best.right ? rule : best));
}

test('one keyword is enough to name the right tool in 60 % of the calls', () => {
  const { word, right } = bestKeywordRule(calls);
  expect(right / calls.length, word).toBeLessThan(0.6);
});

test.each([1, 2, 3, 4])(
  'one keyword for each tool is enough to name the right one in three calls of five with seed %i',
  (seed) => {
    const simulated = [...simulateTraffic({ seed, conversations: 320 })];
    const seen = callsOf(recordsOf(simulated.map((log) => readRecord(log))));
    const rule = learnWordRule(seen);
    expect(rule.right / seen.length, JSON.stringify(rule)).toBeLessThan(0.6);
    // A search that finds nothing would prove nothing.
    expect(rule.entries.length).toBeGreaterThan(8);
    expect(rule.right).toBeGreaterThan(1.5 * bestKeywordRule(seen).right);
  },
);

test('a tool never refuses, or nothing in the logs is broken', () => {
  const refusals = records.filter(({ messages }) => String(messages.at(-1)?.content).includes('"error"'));
  expect(refusals.length).toBeGreaterThan(3);
  const rejected = new Set(read.flatMap((result) => ('rejected' in result ? [result.rejected] : [])));
  expect(rejected).toContain('broken-arguments');
  expect(rejected.size).toBeGreaterThanOrEqual(4);
  expect(records.length / logs.length).toBeGreaterThan(0.95);
});
