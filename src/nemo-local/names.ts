import type { Request } from 'express';
import { z } from 'zod';

/** Names of repositories and entities: safe in paths, never only dots. */
export const NAME = /^(?!\.+$)[\w.@+-]{1,180}$/;

/** How a body names an entity; callers write null for what they leave out. */
export const nameFields = {
  name: z.string().regex(NAME).nullish(),
  namespace: z
    .string()
    .regex(NAME)
    .nullish()
    .transform((namespace) => namespace ?? 'default'),
};

/** The same where null is refused. */
export const Named = z.looseObject({
  name: z.string().regex(NAME).optional(),
  namespace: z.string().regex(NAME).default('default'),
});

/** One path parameter, decoded; a wildcard's segments are joined again. */
export function param(req: Request, name: string): string {
  const value: unknown = req.params[name];
  return Array.isArray(value) ? value.join('/') : String(value ?? '');
}

/** `{namespace}/{name}` of a path; `@` and `+` may come raw or percent-encoded. */
export const entityKey = (req: Request): string => `${param(req, 'namespace')}/${param(req, 'name')}`;
