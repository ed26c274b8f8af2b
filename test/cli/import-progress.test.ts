import { expect, test } from 'vitest';
import { importProgressLine } from '../../src/cli/import-progress.js';

const counts = { items: 1300, appended: 1200, duplicates: 0, rejectedCount: 0 };

test('how far an import has come is not seen', () => {
  expect(importProgressLine({ ...counts, share: 0.5 })).toBe('████████████░░░░░░░░░░░░  50 % 1,200 imported');
  expect(importProgressLine({ ...counts, share: 1 })).toContain('████████████████████████ 100 %');
});

test('what is already there, or rejected, is not seen while it goes on', () => {
  expect(importProgressLine({ ...counts, duplicates: 30, rejectedCount: 70, share: null })).toBe(
    '1,200 imported, 30 already there, 70 rejected',
  );
});
