import type { Request } from 'express';

/** Names of repositories and entities: safe in paths, never only dots. */
export const NAME = /^(?!\.+$)[\w.@+-]{1,180}$/;

/** One path parameter, decoded; a wildcard's segments are joined again. */
export function param(req: Request, name: string): string {
  const value: unknown = req.params[name];
  return Array.isArray(value) ? value.join('/') : String(value ?? '');
}

/** `{namespace}/{name}` of a path; `@` and `+` may come raw or percent-encoded. */
export const entityKey = (req: Request): string => `${param(req, 'namespace')}/${param(req, 'name')}`;
