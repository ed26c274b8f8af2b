/** The comparisons of `number-check`, each under the names it may be written with. */
const COMPARISONS: readonly [names: readonly string[], holds: (left: number, right: number) => boolean][] = [
  [['equals', '=='], (left, right) => left === right],
  [['not equals', '!=', '<>'], (left, right) => left !== right],
  [['greater than or equal', 'gte', '>='], (left, right) => left >= right],
  [['greater than', 'gt', '>'], (left, right) => left > right],
  [['less than or equal', 'lte', '<='], (left, right) => left <= right],
  [['less than', 'lt', '<'], (left, right) => left < right],
];

export const NUMBER_OPERATIONS = [...COMPARISONS.flatMap(([names]) => names), 'absolute difference'];

/** Compares the last numbers of two texts: 1 or 0. Throws an Error when one of them holds none. */
export function checkNumbers(left: string, operation: string, right: string, epsilon = 0): number {
  const [a, b] = [lastNumber(left), lastNumber(right)];
  if (operation === 'absolute difference') return Number(Math.abs(a - b) <= epsilon);
  const holds = COMPARISONS.find(([names]) => names.includes(operation))?.[1];
  return Number(holds?.(a, b) ?? false);
}

function lastNumber(text: string): number {
  const found = text.match(/[+-]?[.\d]*\d/g)?.at(-1) ?? '';
  const value = found === '' ? NaN : Number(found);
  // Two points make a version or a date, not a number.
  if (Number.isNaN(value)) throw new Error(`no number to check in ${JSON.stringify(text.slice(0, 200))}`);
  return value;
}
