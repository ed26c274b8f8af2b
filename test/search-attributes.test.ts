import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyword } from '../src/search-attributes.js';

const LONGEST = 255;
const stored = (value: string) => keyword('FlywheelWorkloadId', value).value;

test('a name that a database of Temporal cannot keep is given to it, or one that it can is changed', () => {
  const name = fc.string({ unit: 'binary', maxLength: 300, size: 'max' });
  fc.assert(
    fc.property(name, (value) => {
      const kept = stored(value);
      const fits = [...value].length <= LONGEST && !value.includes('\0');
      expect(kept).not.toContain('\0');
      expect([...kept].length).toBeLessThanOrEqual(LONGEST);
      expect(kept === value).toBe(fits);
      // No half of a character.
      expect(Buffer.from(kept).toString()).toBe(kept);
    }),
  );
  expect(stored(`${'x'.repeat(254)}\0😀😀`)).toBe(`${'x'.repeat(254)}😀`);
});
