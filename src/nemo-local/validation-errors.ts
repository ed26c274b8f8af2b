import { z } from 'zod';
import { withoutKeys } from './evaluation-job.js';
import { outOfBounds } from './out-of-bounds.js';
import { wrongKind } from './wrong-kind.js';

type Issue = z.core.$ZodIssue;
type Loc = (string | number)[];

/** One entry of a 422's `detail`, in the shape and the words of pydantic 2 as FastAPI sends them. */
export interface ValidationError {
  type: string;
  loc: Loc;
  msg: string;
  input?: unknown;
  ctx?: Record<string, unknown>;
}

/** What pydantic says of a value, without the place. */
export type Complaint = Pick<ValidationError, 'type' | 'msg' | 'ctx'>;

/**
 * Given to zod for its messages: what an issue does not say of its schema. Zod's own words are left out, so that an
 * issue with any other message carries words of ours.
 */
export const schemaKind = ({ inst }: z.core.$ZodRawIssue): string => {
  if (inst instanceof z.ZodNumber && inst.isInt) return 'integer';
  return inst instanceof z.ZodTuple ? 'tuple' : '';
};

/** Rewords what zod found in `value`, which came as the `loc` part of a request. */
export function validationErrors(issues: readonly Issue[], value: unknown, loc: Loc): ValidationError[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    // Pydantic names the union and not the member that tells its variants apart.
    const isVariant = issue.code === 'invalid_union' && issue.discriminator !== undefined;
    const place = isVariant ? path.slice(0, -1) : path;
    const input = valueAt(value, place);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unwanted([...loc, ...place, key], valueAt(input, [key])));
    if (input === undefined && place.length > 0 && isAbsence(issue))
      return [missing([...loc, ...place], valueAt(value, place.slice(0, -1)))];
    if (issue.code === 'invalid_union' && !isVariant)
      return issue.errors.flatMap((option) =>
        validationErrors(option, input, [...loc, ...place, variantOf(option)]),
      );
    return [{ ...complaintOf(issue, input), loc: [...loc, ...place], ...shown(input) }].map(inOrder);
  });
}

export const missing = (loc: Loc, input: unknown): ValidationError =>
  inOrder({ type: 'missing', loc, msg: 'Field required', ...shown(input) });

const unwanted = (loc: Loc, input: unknown): ValidationError =>
  inOrder({ type: 'extra_forbidden', loc, msg: 'Extra inputs are not permitted', ...shown(input) });

const inOrder = ({ type, loc, msg, input, ctx }: ValidationError): ValidationError => ({
  type,
  loc,
  msg,
  ...(input !== undefined && { input }),
  ...(ctx && { ctx }),
});

const isAbsence = ({ code }: Issue) =>
  code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union';

const valueAt = (value: unknown, path: Loc): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? Object.getOwnPropertyDescriptor(inner, key)?.value
        : undefined,
    value,
  );

/** Characters of JSON. A whole file in a refused commit helps nobody. */
const SHOWN_AT_MOST = 10_000;

/** The refused value, with keys masked: errors find their way into logs. */
function shown(input: unknown): { input?: unknown } {
  const isShort = input !== undefined && JSON.stringify(input).length <= SHOWN_AT_MOST;
  return isShort ? { input: withoutKeys(input) } : {};
}

/** How pydantic calls a variant of a union; classes, whose names only the platform knows, are `dict` here, and all lists in unions hold texts. */
function variantOf(issues: readonly Issue[]): string {
  const [first] = issues;
  if (first === undefined || first.path.length > 0)
    return typeof first?.path[0] === 'number' ? 'list[str]' : 'dict';
  if (first.code === 'invalid_value') return `literal[${first.values.map(quoted).join(',')}]`;
  if (first.code !== 'invalid_type') return 'str';
  const names: Record<string, string> = {
    string: 'str',
    array: 'list[str]',
    number: 'float',
    boolean: 'bool',
  };
  return first.message === 'integer' ? 'int' : (names[first.expected] ?? 'dict');
}

const quoted = (value: unknown) => (typeof value === 'string' ? `'${value}'` : String(value));

function complaintOf(issue: Issue, input: unknown): Complaint {
  switch (issue.code) {
    case 'invalid_type':
      return wrongKind(issue.message === 'integer' ? 'int' : issue.expected, input);
    case 'invalid_value':
      return wrongValue(issue.values);
    case 'invalid_union':
      return wrongVariant(issue, input);
    case 'too_small':
      return outOfBounds(issue, issue.minimum, 'min', input);
    case 'too_big':
      return outOfBounds(issue, issue.maximum, 'max', input);
    case 'invalid_format':
      return issue.format === 'regex' && issue.message === ''
        ? wrongPattern(issue.pattern ?? '')
        : inOwnWords(issue.message || `not a valid ${issue.format}`);
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return inOwnWords(issue.message || 'not a valid value');
  }
}

/** What a validator of the platform's own raises. */
export const inOwnWords = (words: string): Complaint => ({
  type: 'value_error',
  msg: `Value error, ${words}`,
  ctx: { error: {} },
});

function wrongValue(values: readonly unknown[]): Complaint {
  const expected = listed(values.map(quoted));
  const type = values.length === 1 ? 'literal_error' : 'enum';
  return { type, msg: `Input should be ${expected}`, ctx: { expected } };
}

const listed = (words: string[]) =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

function wrongVariant(issue: z.core.$ZodIssueInvalidUnion, input: unknown): Complaint {
  const discriminator = quoted(issue.discriminator);
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return wrongKind('object', input);
  const tag = valueAt(input, [issue.discriminator ?? '']);
  if (tag === undefined)
    return {
      type: 'union_tag_not_found',
      msg: `Unable to extract tag using discriminator ${discriminator}`,
      ctx: { discriminator },
    };
  const expected_tags = ('options' in issue ? (issue.options ?? []) : []).map(quoted).join(', ');
  const found = `Input tag ${quoted(tag)} found using ${discriminator}`;
  return {
    type: 'union_tag_invalid',
    msg: `${found} does not match any of the expected tags: ${expected_tags}`,
    ctx: { discriminator, tag: String(tag), expected_tags },
  };
}

function wrongPattern(source: string): Complaint {
  const pattern = source.replace(/^\/|\/[a-z]*$/g, '');
  return {
    type: 'string_pattern_mismatch',
    msg: `String should match pattern '${pattern}'`,
    ctx: { pattern },
  };
}
