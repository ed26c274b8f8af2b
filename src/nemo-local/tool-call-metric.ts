import { z } from 'zod';
import type { ToolCallingMetric } from './evaluation-job.js';
import { renderText, type TemplateContext } from './template.js';

const Call = z.looseObject({ function: z.looseObject({ name: z.string(), arguments: z.unknown() }) });
const GroundTruth = z.array(Call).nullable();

/**
 * Compares an answer's tool calls with the logged ones: 1 when the same functions are called (and with equal arguments),
 * else 0. Calls of one answer run side by side, so their order does not count. No call expected and none made is right.
 */
export function scoreToolCalls(metric: ToolCallingMetric, context: TemplateContext, answered: unknown[]) {
  const expected = parseGroundTruth(renderText(metric.params.tool_calls_ground_truth, context)).map(toCall);
  // A call that is none (no function name) equals no expected call.
  const actual = answered
    .map((call) => Call.safeParse(call).data)
    .map((call) => (call ? toCall(call) : null));
  const names = sameMembers(
    expected.map(({ name }) => name),
    actual.map((call) => call?.name ?? null),
  );
  const calls = sameMembers(
    expected.map(({ name, args }) => `${name} ${args}`),
    actual.map((call) => (call ? `${call.name} ${call.args}` : null)),
  );
  return { function_name_accuracy: Number(names), function_name_and_args_accuracy: Number(calls) };
}

function parseGroundTruth(rendered: string): z.infer<typeof Call>[] {
  const text = rendered.trim();
  try {
    return GroundTruth.parse(text === '' ? null : JSON.parse(text)) ?? [];
  } catch {
    throw new Error(`tool_calls_ground_truth did not render to a list of tool calls: ${text.slice(0, 200)}`);
  }
}

const toCall = ({ function: called }: z.infer<typeof Call>) => ({
  name: called.name,
  args: canonical(parsedArguments(called.arguments)),
});

/** Logs hold arguments as objects or as JSON text; no arguments at all are an empty object. */
function parsedArguments(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return {};
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** JSON with sorted keys: equal texts are equal values. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

const sameMembers = (a: string[], b: (string | null)[]): boolean =>
  a.length === b.length && JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
