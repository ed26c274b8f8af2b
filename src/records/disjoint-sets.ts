/** Sets of the numbers 0 … size-1 that have nothing in common, joined two by two (union-find with path halving). */
export class DisjointSets {
  private readonly parent: Int32Array;

  constructor(size: number) {
    this.parent = Int32Array.from({ length: size }, (_, i) => i);
  }

  /** The smallest number of its set. */
  find(item: number): number {
    let at = item;
    for (;;) {
      const parent = this.parent[at] ?? at;
      if (parent === at) return at;
      at = this.parent[at] = this.parent[parent] ?? parent;
    }
  }

  join(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    this.parent[Math.max(x, y)] = Math.min(x, y);
  }

  roots(): Int32Array {
    return this.parent.map((_, i) => this.find(i));
  }
}
