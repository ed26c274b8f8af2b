import { z } from 'zod';

const count = z.number().int().min(1).max(10_000).default(1);
/** Part of the name of a thing or of its model; left out, any fits. */
const match = z.string().default('');
/** Training steps, or scored rows, after which it happens. */
const step = z.number().int().min(0).optional();

const beginsWithSlash = z.string().startsWith('/', 'a path begins with /');

/** The next `count` requests that fit are not answered as they should be. */
const RequestFault = z
  .strictObject({
    on: z.literal('request'),
    /** The port; left out, any. */
    service: z.enum(['nemo', 'nim', 'data-store']).optional(),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
    pathPrefix: beginsWithSlash.optional(),
    /** A whole path; `*` stands for one part of it. */
    path: beginsWithSlash.optional(),
    count,
    /** `after`: the request is carried out, and only its answer suffers. */
    phase: z.enum(['before', 'after']).default('before'),
    kind: z.enum(['status', 'slow', 'cut']).default('status'),
    status: z.number().int().min(400).max(599).optional(),
    /** Answers with a page of HTML, as a proxy in between would. */
    html: z.boolean().default(false),
    /** Seconds, for the header `Retry-After`. */
    retryAfter: z.number().int().min(0).optional(),
    delayMs: z.number().int().min(0).max(600_000).optional(),
  })
  .refine(({ path, pathPrefix }) => (path === undefined) !== (pathPrefix === undefined), {
    message: 'give either path or pathPrefix',
    path: ['path'],
  })
  .refine(({ kind, status }) => (kind === 'status') === (status !== undefined), {
    message: 'status belongs to kind status, and is required there',
    path: ['status'],
  })
  .refine(({ kind, delayMs }) => (kind === 'slow') === (delayMs !== undefined), {
    message: 'delayMs belongs to kind slow, and is required there',
    path: ['delayMs'],
  });

const DeploymentFault = z.strictObject({
  on: z.literal('deployment'),
  kind: z.enum(['fail', 'stuck', 'vanish']),
  match,
  count,
});

const CustomizationFault = z.strictObject({
  on: z.literal('customization'),
  kind: z.enum(['fail', 'hang', 'vanish', 'no-model', 'slow']),
  step,
  match,
  count,
});

const EvaluationFault = z.strictObject({
  on: z.literal('evaluation'),
  kind: z.enum(['fail', 'hang', 'vanish', 'no-result']),
  step,
  match,
  count,
});

/** What `POST /admin/faults` arms. */
export const Fault = z.discriminatedUnion('on', [
  RequestFault,
  DeploymentFault,
  CustomizationFault,
  EvaluationFault,
]);
export type Fault = z.infer<typeof Fault>;
export type RequestFault = z.infer<typeof RequestFault>;
export type DeploymentFault = z.infer<typeof DeploymentFault>;
export type CustomizationFault = z.infer<typeof CustomizationFault>;
export type EvaluationFault = z.infer<typeof EvaluationFault>;
/** A fault that strikes a deployment or a job when it is made. */
export type ThingFault = Exclude<Fault, RequestFault>;

/** A model that answers prose whatever it is asked; only its name asks for that. */
export const NONSENSE_FAULT = { on: 'model', kind: 'nonsense', match: 'nonsense', count: 1 } as const;

const SENTINELS = [
  { on: 'deployment', pattern: /(fail|stuck|vanish)-deploy/ },
  { on: 'customization', pattern: /(fail|hang|vanish|no-model|slow)-training(?:-at-(\d{1,9}))?/ },
  { on: 'evaluation', pattern: /(fail|hang|vanish|no-result)-evaluation(?:-at-(\d{1,9}))?/ },
] as const;

/** The fault that a name asks for, as in `meta/fail-training-at-7-1b`. */
export function sentinelIn(on: ThingFault['on'], name: string): Fault | undefined {
  const pattern = SENTINELS.find((sentinel) => sentinel.on === on)?.pattern;
  const [match, kind, step] = pattern?.exec(name) ?? [];
  if (match === undefined) return undefined;
  return Fault.parse({ on, kind, match, ...(step !== undefined && { step: Number(step) }) });
}
