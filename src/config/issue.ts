import type { z } from 'zod';
import { valueAt } from './value-at.js';

/** One thing that is wrong with the file, for people: which key, what it should be, what to do. */
export function describeIssue(issue: z.core.$ZodIssue, content: unknown): string {
  const key = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  const cure = isUnquoted(issue, valueAt(content, issue.path)) ? ': put it in quotes' : '';
  return `${key && `${key}: `}${issue.message}${cure}`;
}

/** A text that YAML takes for a number, a date or a yes, as the tag 1.8. */
const isUnquoted = (issue: z.core.$ZodIssue, value: unknown): boolean =>
  issue.code === 'custom' &&
  issue.params?.['type'] === 'string_type' &&
  (value instanceof Date || (typeof value !== 'object' && value !== undefined));
