/**
 * A regular expression of Python, in which the platform's callers write parsers: flags at its head as in `(?i)`, `(?P<name>…)`,
 * `(?P=name)`, `\A` and `\Z`. Throws a SyntaxError when it is none, or uses what JavaScript has not.
 */
export function pythonPattern(source: string): RegExp {
  const [head = '', flags = ''] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  const body = source.slice(head.length).replace(SPELLINGS, (found) => {
    if (found === '\\A') return '(?<![^])';
    if (found === '\\Z') return '(?![^])';
    return found.replace(/^\(\?P</, '(?<').replace(/^\(\?P=(\w+)\)/, '\\k<$1>');
  });
  return new RegExp(body, flags);
}

/** What Python writes otherwise than JavaScript, and all escapes: an escaped backslash begins no other one. */
const SPELLINGS = /\\[^]|\(\?P<|\(\?P=\w+\)/g;

/** How many groups a pattern has. */
export const groupsOf = ({ source, flags }: RegExp): number =>
  (new RegExp(`${source}|`, flags).exec('')?.length ?? 1) - 1;
