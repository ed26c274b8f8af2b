const FEWEST_SLOTS = 1024;
/** Of the slots; beyond it the table grows. */
const FULL = 0.7;

/** A set of records by their ids: 4 to 12 bytes each. A record is its number. */
export class RecordTable {
  /** Number of a record and one more; 0: free. */
  private slots = new Uint32Array(FEWEST_SLOTS);
  private size = 0;
  private readonly hashOf: (record: number) => number;
  private readonly isSame: (a: number, b: number) => boolean;

  constructor(hashOf: (record: number) => number, isSame: (a: number, b: number) => boolean) {
    this.hashOf = hashOf;
    this.isSame = isSame;
  }

  /** The record that is the same, or this one, which is in the table then. */
  findOrAdd(record: number): number {
    const slot = this.slotOf(record);
    const known = this.slots[slot] ?? 0;
    if (known !== 0) return known - 1;
    this.slots[slot] = record + 1;
    if (++this.size > this.slots.length * FULL) this.grow();
    return record;
  }

  /** Puts a record into the place of one that is the same. */
  replace(known: number, record: number): void {
    this.slots[this.slotOf(known)] = record + 1;
  }

  all(): Uint32Array {
    return this.slots.filter((slot) => slot !== 0).map((slot) => slot - 1);
  }

  private slotOf(record: number): number {
    const mask = this.slots.length - 1;
    for (let slot = this.hashOf(record) & mask; ; slot = (slot + 1) & mask) {
      const known = this.slots[slot] ?? 0;
      if (known === 0 || this.isSame(known - 1, record)) return slot;
    }
  }

  private grow(): void {
    const records = this.all();
    this.slots = new Uint32Array(this.slots.length * 2);
    for (const record of records) this.slots[this.slotOf(record)] = record + 1;
  }
}
