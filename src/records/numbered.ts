/** Gives equal items one number: those that come first have the lowest. */
export class Numbered<T> {
  readonly items: T[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly keyOf: (item: T) => string;

  constructor(keyOf: (item: T) => string) {
    this.keyOf = keyOf;
  }

  numberOf(item: T): number {
    const key = this.keyOf(item);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.items.length);
    return this.items.push(item) - 1;
  }
}
