import type { z } from 'zod';
import type { Complaint } from './validation-errors.js';

const BOUNDS = {
  min: {
    inclusive: ['greater_than_equal', 'greater than or equal to', 'ge'],
    other: ['greater_than', 'greater than', 'gt'],
  },
  max: {
    inclusive: ['less_than_equal', 'less than or equal to', 'le'],
    other: ['less_than', 'less than', 'lt'],
  },
} as const;

/** What pydantic says of a number, a text or a list beyond a bound of its size. */
export function outOfBounds(
  { origin, inclusive, message }: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  bound: number | bigint,
  side: 'min' | 'max',
  input: unknown,
): Complaint {
  const limit = Number(bound);
  const most = side === 'min' ? 'at least' : 'at most';
  const count = (thing: string) => `${most} ${limit} ${thing}${limit === 1 ? '' : 's'}`;
  const short = side === 'min' ? 'too_short' : 'too_long';
  if (origin === 'string')
    return {
      type: `string_${short}`,
      msg: `String should have ${count('character')}`,
      ctx: { [`${side}_length`]: limit },
    };
  if (Array.isArray(input)) {
    const field_type = message === 'tuple' ? 'Tuple' : 'List';
    const msg = `${field_type} should have ${count('item')} after validation, not ${input.length}`;
    return { type: short, msg, ctx: { field_type, [`${side}_length`]: limit, actual_length: input.length } };
  }
  const [type, words, key] = BOUNDS[side][inclusive ? 'inclusive' : 'other'];
  return { type, msg: `Input should be ${words} ${limit}`, ctx: { [key]: limit } };
}
