/** Longer lists are not kept. */
const LONGEST = 500_000;

/**
 * The list that was read last: its text, and for each of its items where that ends and what was made of it. Most requests
 * go on where the one before ended, which takes one comparison to tell.
 */
export class LastList<T> {
  private readonly text = Buffer.allocUnsafeSlow(LONGEST);
  private ends: number[] = [];
  private items: T[] = [];
  /** Bytes that the list now read has in common with it. */
  private shared = 0;

  /** The items with which the list at `start` begins, too, and where the last of them ends. */
  sharedWith(bytes: Buffer, start: number): { items: T[]; ends: number[] } {
    let known = 0;
    let most = this.ends.length;
    for (let next = most; known < most; next = Math.ceil((known + most) / 2)) {
      if (this.isThere(bytes, start, known, next)) known = next;
      else most = next - 1;
    }
    this.shared = this.ends[known - 1] ?? 0;
    return { items: this.items.slice(0, known), ends: this.ends.slice(0, known) };
  }

  /** The list for which `sharedWith` was asked, whose `ends` are counted from `start`. */
  keep(bytes: Buffer, start: number, items: T[], ends: number[]): void {
    const end = ends.at(-1) ?? 0;
    if (end > LONGEST) return this.forget();
    bytes.copy(this.text, this.shared, start + this.shared, start + end);
    this.items = items;
    this.ends = ends;
  }

  forget(): void {
    this.items = [];
    this.ends = [];
  }

  private isThere(bytes: Buffer, start: number, first: number, next: number): boolean {
    const from = this.ends[first - 1] ?? 0;
    const to = this.ends[next - 1] ?? 0;
    return start + to <= bytes.length && this.text.compare(bytes, start + from, start + to, from, to) === 0;
  }
}
