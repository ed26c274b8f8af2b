import { configKeys, type KeySchema, withKeys } from './key-schema.js';

/** One sentence for each key of a file's content that no configuration has, with the nearest name that one has. */
export function unknownKeys(content: unknown): string[] {
  return [...describeUnknown(configKeys, content, '')];
}

function* describeUnknown(schema: KeySchema, value: unknown, at: string): Generator<string> {
  const { properties, items } = withKeys(schema);
  if (Array.isArray(value) && items)
    for (const [index, item] of value.entries()) yield* describeUnknown(items, item, `${at}[${index}]`);
  if (!properties || typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const path = at ? `${at}.${key}` : key;
    // Every object has inherited keys, such as `constructor`.
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known) yield* describeUnknown(known, member, path);
    else yield unknownKey(path, key, Object.keys(properties));
  }
}

/** Keys of older versions of the blueprint, or of its documentation, and what to do instead. */
const RETIRED: Record<string, string> = {
  nim_parallelism: 'candidates are tried at once as far as gpu_pool.total_gpus allows',
  adapter_alpha: 'the customizer takes adapter_dim and adapter_dropout only',
};

function unknownKey(path: string, key: string, known: string[]): string {
  if (Object.hasOwn(RETIRED, key)) return `${path} is ignored: ${RETIRED[key]}`;
  if (key === 'api_key') {
    const variable = path.includes('embedding') ? 'EMB_API_KEY' : 'LLM_JUDGE_API_KEY';
    return `${path} is ignored: keys belong in the environment, set ${variable} instead`;
  }
  const near = nearest(key, known);
  return `${path} is unknown and ignored${near === undefined ? '' : `; did you mean ${near}?`}`;
}

/** The known name that was probably meant; undefined when none is like it. */
export function nearest(key: string, known: string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, edits: editDistance(key, name) }))
    .filter(({ name, edits }) => edits <= Math.max(2, name.length / 3))
    .sort((a, b) => a.edits - b.edits);
  return best?.name;
}

/** Levenshtein's distance, one row of the matrix at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (b[column - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
