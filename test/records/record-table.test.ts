import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordTable } from '../../src/records/record-table.js';

test('a table of many records loses one, or takes different ones for the same', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000), { maxLength: 4_000 }), fc.nat(16), (ids, bits) => {
      const hashOf = (record: number) => (ids[record] ?? 0) & ((1 << bits) - 1);
      const table = new RecordTable(hashOf, (a, b) => ids[a] === ids[b]);
      const first = new Map<number, number>();
      for (const [record, id] of ids.entries()) {
        if (!first.has(id)) first.set(id, record);
        expect(table.findOrAdd(record)).toBe(first.get(id));
      }
      expect([...table.all()].sort((a, b) => a - b)).toEqual([...first.values()]);
    }),
    { numRuns: 30 },
  );
});
