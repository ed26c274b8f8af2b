import { z } from 'zod';

const GroundTruth = z.array(
  z.looseObject({
    function: z
      .looseObject({ name: z.string(), arguments: z.unknown() })
      .refine((called) => 'arguments' in called, 'has no arguments'),
  }),
);

const Answered = z.looseObject({
  function: z.looseObject({ name: z.string(), arguments: z.unknown() }),
});

/**
 * Compares an answer's tool calls with the logged ones, as the platform does: the sets of function names are equal, and so
 * is what each is called with. Order does not count; of several calls of one function the last does. The expected arguments
 * are values, not text. Arguments that the model wrote as broken JSON have no score, which is not the same as a zero.
 */
export function scoreToolCalls(groundTruth: string, answered: unknown[]) {
  const expected = argumentsByName(parseGroundTruth(groundTruth));
  const calls = answered.flatMap((call) => Answered.safeParse(call).data ?? []);
  const namesMatch = sameMembers(expected, argumentsByName(calls));
  return {
    function_name_accuracy: Number(namesMatch),
    function_name_and_args_accuracy: scoreArguments(expected, calls, namesMatch),
  };
}

function scoreArguments(
  expected: Map<string, unknown>,
  answered: z.infer<typeof Answered>[],
  namesMatch: boolean,
): number | null {
  try {
    const given = new Map(answered.map(({ function: { name, arguments: args } }) => [name, parsed(args)]));
    const same = [...expected].every(([name, args]) => canonical(args) === canonical(given.get(name)));
    return Number(namesMatch && same);
  } catch {
    return null;
  }
}

function parseGroundTruth(rendered: string): z.infer<typeof GroundTruth> {
  try {
    return GroundTruth.parse(JSON.parse(rendered));
  } catch {
    throw new Error(
      `tool_calls_ground_truth did not render to a list of tool calls: ${rendered.slice(0, 200)}`,
    );
  }
}

const argumentsByName = (calls: z.infer<typeof Answered>[]): Map<string, unknown> =>
  new Map(calls.map(({ function: called }) => [called.name, called.arguments]));

const sameMembers = (a: Map<string, unknown>, b: Map<string, unknown>): boolean =>
  a.size === b.size && [...a.keys()].every((name) => b.has(name));

/** A model answers with JSON text, or with nothing where a function takes nothing. */
const parsed = (args: unknown): unknown =>
  args === undefined || args === null ? {} : JSON.parse(z.string().parse(args));

/** JSON with sorted keys: equal texts are equal values. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
