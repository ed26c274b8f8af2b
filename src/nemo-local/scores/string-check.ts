const CHECKS = {
  equals: (left: string, right: string) => left === right,
  '==': (left: string, right: string) => left === right,
  'not equals': (left: string, right: string) => left !== right,
  '!=': (left: string, right: string) => left !== right,
  '<>': (left: string, right: string) => left !== right,
  contains: (left: string, right: string) => left.includes(right),
  'not contains': (left: string, right: string) => !left.includes(right),
  startswith: (left: string, right: string) => left.startsWith(right),
  endswith: (left: string, right: string) => left.endsWith(right),
};

export type StringOperation = keyof typeof CHECKS;
// The keys of an object literal are exactly its type's.
export const STRING_OPERATIONS = Object.keys(CHECKS) as StringOperation[];

/** Compares two texts, case and spacing included: 1 or 0. */
export const checkStrings = (left: string, operation: StringOperation, right: string): number =>
  Number(CHECKS[operation](left, right));
