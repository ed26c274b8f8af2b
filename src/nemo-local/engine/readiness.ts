import type { Scene } from './candidate-value.js';
import { parametersOf, type Parameter } from './parameter.js';
import type { ToolSchema } from './types.js';
import { wordsOfName } from './words.js';

/** Whether the conversation has what a function requires: a value not yet used for it, only used ones, or none. */
export type Readiness = 'fresh' | 'used' | 'lacking' | 'needs-nothing';

/** Reads for each function how ready it is to be called, by the names of its required parameters. */
export function readinessOf(scene: Scene, tools: readonly ToolSchema[]): Map<string, Readiness> {
  const named = valuesByNames(scene);
  return new Map(tools.map((tool) => [tool.function.name, readiness(tool, scene, named)]));
}

/** The functions for which the last message alone brings what they require, in part not used yet. */
export function promptedBy({ turns, occurrences }: Scene, tools: readonly ToolSchema[]): Set<string> {
  const last = { turns, occurrences: occurrences.filter(({ age }) => age === 0) };
  const ready = [...readinessOf(last, tools)].filter(([, readiness]) => readiness === 'fresh');
  return new Set(ready.map(([name]) => name));
}

interface NamedValues {
  names: ReadonlySet<string>;
  values: Set<string>;
}

/** The values in reach, grouped by the words that name them: their JSON key, or what stands before them. */
function valuesByNames({ occurrences }: Scene): NamedValues[] {
  const groups = new Map<string, NamedValues>();
  for (const { span } of occurrences) {
    if (typeof span.value === 'object') continue;
    const names = [...wordsOfName(span.key), ...span.before];
    const key = names.join(' ');
    const group = groups.get(key) ?? { names: new Set(names), values: new Set() };
    groups.set(key, group);
    group.values.add(String(span.value));
  }
  return [...groups.values()];
}

function readiness(tool: ToolSchema, scene: Scene, named: readonly NamedValues[]): Readiness {
  const required = parametersOf(tool).filter(({ isRequired }) => isRequired);
  if (required.length === 0) return 'needs-nothing';
  const states = required.map((parameter) => stateOf(parameter, scene, named));
  if (states.includes('lacking')) return 'lacking';
  return states.includes('fresh') ? 'fresh' : 'used';
}

function stateOf(parameter: Parameter, { turns }: Scene, named: readonly NamedValues[]): Readiness {
  if (parameter.enumeration.length > 0 || parameter.type === 'boolean') return 'used';
  const words = wordsOfName(parameter.name);
  // `reservation_id` is named by `reservation` alone, as in a list of reservations; `id` alone names anything.
  const telling = words.length > 1 ? words.filter((word) => word !== 'id' && word !== 'number') : words;
  const found = named.filter(({ names }) => telling.every((word) => names.has(word)));
  if (found.length === 0) return 'lacking';
  const calls = turns.flatMap((turn) => turn.calls).filter(({ name }) => name === parameter.function);
  const used = new Set(calls.map((call) => String(call.arguments[parameter.name])));
  return found.some(({ values }) => [...values].some((value) => !used.has(value))) ? 'fresh' : 'used';
}
