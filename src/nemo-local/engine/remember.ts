/**
 * Keeps the last `limit` results of a pure function of a string, and at most twice as many: conversations repeat their
 * messages call after call. What is asked for again is only read, where to put it in order each time takes longer than
 * many a result.
 */
export function remember<T>(limit: number, compute: (text: string) => T): (text: string) => T {
  let recent = new Map<string, T>();
  let older = new Map<string, T>();
  return (text) => {
    const known = recent.get(text);
    if (known !== undefined) return known;
    const value = older.get(text) ?? compute(text);
    if (recent.size >= limit) [older, recent] = [recent, new Map()];
    recent.set(text, value);
    return value;
  };
}
