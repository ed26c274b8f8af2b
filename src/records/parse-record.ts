import { isDeeperThan, MAX_LEVELS } from './json.js';
import { markLongNumbers, withLongNumbers } from './long-numbers.js';

/** Keys of what a model called, `function_call` for OpenAI's former functions; so deep in a record as they lie. */
const CALLED = new Set(['function', 'function_call']);
const CALL_LEVELS = 7;

/**
 * The value of a record's JSON text, or of one of its messages. Arguments of a call that were logged as values are a
 * JSON text instead where a value would lose digits of a long number. Throws a SyntaxError for what is no JSON.
 */
export function parseRecord(json: string): unknown {
  const value: unknown = JSON.parse(json);
  const marked = markLongNumbers(json);
  if (marked !== null) keepArguments(value, JSON.parse(marked), null, CALL_LEVELS);
  return value;
}

/** Goes through a value, and the same value with marked numbers. */
function keepArguments(value: unknown, marked: unknown, key: string | null, levels: number): void {
  if (!isTree(value) || !isTree(marked)) return;
  if (key !== null && CALLED.has(key)) keepArgumentsOf(value, marked['arguments']);
  if (levels === 0) return;
  for (const [inner, of] of Object.entries(value)) keepArguments(of, marked[inner], inner, levels - 1);
}

function keepArgumentsOf(called: Tree, marked: unknown): void {
  if (marked === undefined || typeof called['arguments'] === 'string') return;
  // What is too deep to be written as text rejects its record.
  if (isDeeperThan(marked, MAX_LEVELS)) return;
  const text = withLongNumbers(marked);
  if (text !== JSON.stringify(marked)) called['arguments'] = text;
}

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;
