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
