/** Keeps the last `limit` results of a pure function of a string: conversations repeat their messages call after call. */
export function remember<T>(limit: number, compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const value = known.get(text) ?? compute(text);
    known.delete(text);
    known.set(text, value);
    if (known.size > limit) forgetOldest(known);
    return value;
  };
}

function forgetOldest(known: Map<string, unknown>): void {
  const { value, done } = known.keys().next();
  if (done !== true) known.delete(value);
}
