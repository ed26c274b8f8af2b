import { type Router } from 'express';
import { z } from 'zod';
import { isOver } from './background-jobs.js';
import type { Clock } from './clock.js';
import { newId, timestamp } from './entity-ids.js';
import { conflict, parseBody } from './http-error.js';
import { entityRoutes, sentMembers, type NamedEntity } from './entity-routes.js';
import { Named } from './names.js';
import type { Platform } from './platform.js';

export const Precision = z.enum(['int8', 'bf16', 'fp16', 'fp32', 'fp8-mixed', 'bf16-mixed']);

export const CustomizationTargetBody = Named.extend({
  name: z.string().min(1).optional(),
  base_model: z.string().min(1).nullish(),
  num_parameters: z.number().int().min(0).nullish(),
  precision: Precision.nullish(),
  model_path: z.string().nullish(),
  enabled: z.boolean().nullish(),
});

const NewTarget = Named.extend({
  ...CustomizationTargetBody.pick({ base_model: true, model_path: true, enabled: true }).shape,
  num_parameters: z.number().int().min(0),
  precision: Precision,
});

export type CustomizationTarget = NamedEntity & {
  base_model: string;
  enabled: boolean;
  num_parameters: number | null;
};

const PATH = '/v1/customization/targets';

/** Targets: the base models that can be trained. */
export function targetRoutes(platform: Platform): Router {
  const { customizationTargets, clock } = platform;
  return entityRoutes<CustomizationTarget>({
    title: 'customization target',
    path: PATH,
    entities: customizationTargets,
    create: (body) => toTarget(parseBody(NewTarget, body)),
    patch(target, body) {
      const changes = sentMembers(body);
      parseBody(NewTarget.partial(), changes);
      return { ...target, ...changes };
    },
    patchNote: (target) => {
      const user = activeUser(platform, target);
      return {
        warning_message: user ? `customization job ${user.id} goes on with the target as it was` : null,
      };
    },
    show: (target) => ({ ...target, status: statusOf(target, clock) }),
    derived: (target) => ({ status: statusOf(target, clock) }),
    beforeDelete(target) {
      const user = activeUser(platform, target);
      if (user)
        throw conflict(`customization target ${keyOf(target)} is used by customization job ${user.id}`);
    },
  });
}

const keyOf = ({ namespace, name }: CustomizationTarget) => `${namespace}/${name}`;

/** A job under way whose config names the target. */
const activeUser = ({ customizations, customizationConfigs }: Platform, target: CustomizationTarget) =>
  customizations.all().find(({ config, status }) => {
    const used = typeof config === 'string' ? customizationConfigs.get(config) : config;
    return used?.target === keyOf(target) && !isOver({ status });
  });

/** Gives a target the members that the platform adds. */
export function toTarget(body: z.infer<typeof CustomizationTargetBody>): CustomizationTarget {
  const id = newId('customization_target');
  const now = timestamp();
  const name = body.name ?? id;
  return {
    description: null,
    project: null,
    custom_fields: {},
    model_uri: null,
    hf_endpoint: null,
    tokenizer: null,
    ...body,
    precision: body.precision ?? 'bf16-mixed',
    num_parameters: body.num_parameters ?? null,
    base_model: body.base_model ?? baseModelOf(name.includes('/') ? name : `${body.namespace}/${name}`),
    model_path: body.model_path ?? name.replaceAll('/', '_').replace('@', '_v'),
    enabled: body.enabled ?? true,
    id,
    name,
    created_at: now,
    updated_at: now,
  };
}

/** `<base>@<version>` names a version of a base model. */
export const baseModelOf = (target: string): string => target.replace(/@.*$/, '');

/** How long a platform takes to fetch a model's files, before the time scale. */
const DOWNLOAD_SECONDS = 3;

/** Follows from its age alone: nothing is really downloaded. */
function statusOf({ created_at, enabled }: CustomizationTarget, clock: Clock): string {
  if (!enabled) return 'created';
  const age = Date.now() - Date.parse(`${created_at}Z`);
  if (age >= clock.scaledMs(DOWNLOAD_SECONDS)) return 'ready';
  return age >= clock.scaledMs(1) ? 'downloading' : 'pending';
}
