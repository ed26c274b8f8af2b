/** Records in groups: a list of their numbers, and where each group begins in it. */
export class Groups implements Iterable<Uint32Array> {
  private readonly records: Uint32Array;
  /** One more than there are groups. */
  private readonly starts: Uint32Array;

  private constructor(records: Uint32Array, starts: Uint32Array) {
    this.records = records;
    this.starts = starts;
  }

  /** Groups what compares as equal. The groups come in the order of the comparison, the records of one as they came. */
  static of(records: Uint32Array, compare: (a: number, b: number) => number): Groups {
    const sorted = records.slice().sort(compare);
    const isFirst = (record: number, i: number) => i === 0 || compare(sorted[i - 1] ?? 0, record) !== 0;
    const starts = sorted
      .map((record, i) => (isFirst(record, i) ? i : NONE))
      .filter((start) => start !== NONE);
    const ends = new Uint32Array(starts.length + 1);
    ends.set(starts);
    ends[starts.length] = sorted.length;
    return new Groups(sorted, ends);
  }

  /** The same groups with those of their records that are wanted; some may be left with none. */
  only(isWanted: (record: number) => boolean): Groups {
    const records = this.records.slice();
    const starts = this.starts.slice();
    let end = 0;
    for (let group = 0; group < this.count; group++) {
      for (const record of this.at(group)) if (isWanted(record)) records[end++] = record;
      starts[group + 1] = end;
    }
    return new Groups(records.subarray(0, end), starts);
  }

  /** Groups with one number in `roots` put together, in the order of these numbers. */
  joined(roots: Int32Array): Groups {
    const rootOf = (group: number) => roots[group] ?? group;
    const order = Uint32Array.from(this.starts.keys()).subarray(0, this.count);
    order.sort((a, b) => rootOf(a) - rootOf(b) || a - b);
    const records = this.records.slice();
    const starts: number[] = [];
    let end = 0;
    for (const [i, group] of order.entries()) {
      if (i === 0 || rootOf(order[i - 1] ?? 0) !== rootOf(group)) starts.push(end);
      records.set(this.at(group), end);
      end += this.sizeOf(group);
    }
    return new Groups(records, Uint32Array.from([...starts, end]));
  }

  /** All records, group by group. */
  inOrder(): Uint32Array {
    return this.records;
  }

  /** The group of each record, in the order of `inOrder`. */
  numbers(): Uint32Array {
    const numbers = new Uint32Array(this.records.length);
    for (let group = 0; group < this.count; group++)
      numbers.fill(group, this.starts[group], this.starts[group + 1]);
    return numbers;
  }

  get count(): number {
    return this.starts.length - 1;
  }

  /** Records in all. */
  get size(): number {
    return this.records.length;
  }

  at(group: number): Uint32Array {
    return this.records.subarray(this.starts[group], this.starts[group + 1]);
  }

  sizeOf(group: number): number {
    return (this.starts[group + 1] ?? 0) - (this.starts[group] ?? 0);
  }

  *[Symbol.iterator](): Iterator<Uint32Array> {
    for (let group = 0; group < this.count; group++) yield this.at(group);
  }
}

const NONE = 0xffffffff;
