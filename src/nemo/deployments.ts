import { z } from 'zod';
import type { ModelNeed } from '../gpu-pool.js';
import { modelSlug } from '../ids.js';
import type { Http } from './http.js';
import { listAll } from './list.js';

const owner = z.object({
  managed_by: z.literal('flywheel'),
  installation: z.string(),
  pool: z.string(),
  holder: z.string(),
  spec: z.string(),
});

const deployment = z.object({
  status_details: z.object({ status: z.string(), description: z.string().nullish() }),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
});

const listed = deployment.extend({
  namespace: z.string(),
  config: z.object({
    model: z.string(),
    nim_deployment: z.object({
      image_name: z.string(),
      image_tag: z.string().nullish(),
      pvc_size: z.string().nullish(),
      gpu: z.number().nullish(),
    }),
  }),
});

/** A pool as no other installation has it. */
export interface DeployingPool {
  /** Id of the Temporal namespace. */
  installation: string;
  /** Workflow id of the pool. */
  pool: string;
}

/** Who of us made a deployment. */
interface DeploymentOwner extends DeployingPool {
  /** Workflow id of the served model. */
  holder: string;
  /** `specOf` the need that it was made for. */
  spec: string;
}

export interface DeployedNim {
  /** The platform's word: created, pending, ready, failed, … */
  status: string;
  description: string | null;
  /** null: nobody of us, or one of an earlier version that did not say of which installation it is. */
  owner: DeploymentOwner | null;
}

export interface NewDeployment {
  need: ModelNeed;
  owner: DeploymentOwner;
}

export const isOwnedBy = (owner: DeploymentOwner | null, { installation, pool }: DeployingPool): boolean =>
  owner?.installation === installation && owner.pool === pool;

const PATH = '/v1/deployment/model-deployments';

/** Deployment management: NIMs that are being served. */
export const createDeployments = (http: Http) => ({
  url: (namespace: string, name: string): string => `${http.baseUrl}${PATH}/${namespace}/${name}`,

  async get(namespace: string, name: string, signal?: AbortSignal): Promise<DeployedNim | null> {
    const found = await http.find(`${PATH}/${namespace}/${name}`, deployment, signal);
    if (!found) return null;
    return {
      status: found.status_details.status,
      description: found.status_details.description ?? null,
      owner: owner.safeParse(found.custom_fields).data ?? null,
    };
  },

  /** Asks for a deployment; false when one of that name is already there. */
  async create({ need, owner }: NewDeployment, signal?: AbortSignal): Promise<boolean> {
    const body = bodyOf(need, owner);
    const answer = await http.send('POST', PATH, { body, signal, creates: true });
    // The platform answers 500, not 409, for a name that is taken.
    if (answer.status === 409 || answer.text.includes('already exists')) return false;
    if (answer.status >= 300) throw http.failure(answer);
    return true;
  },

  /** Deployments that a pool made; whatever else is there is left out. */
  async ofPool(pool: DeployingPool, signal?: AbortSignal): Promise<ModelNeed[]> {
    const found: ModelNeed[] = [];
    for await (const item of listAll(http, PATH, z.unknown(), {}, signal)) {
      const { data } = listed.safeParse(item);
      if (!data || !isOwnedBy(owner.safeParse(data.custom_fields).data ?? null, pool)) continue;
      const { image_name, image_tag = null, pvc_size = null, gpu = null } = data.config.nim_deployment;
      const deployment = {
        kind: 'managed',
        image: image_name,
        tag: image_tag,
        gpus: gpu,
        pvcSize: pvc_size,
      } as const;
      found.push({ model: data.config.model, namespace: data.namespace, deployment });
    }
    return found;
  },

  async delete(namespace: string, name: string, signal?: AbortSignal): Promise<void> {
    await http.expect('DELETE', `${PATH}/${namespace}/${name}`, [404], { signal });
  },
});

function bodyOf({ model, namespace, deployment }: ModelNeed, owner: DeploymentOwner) {
  return {
    name: modelSlug(model),
    namespace,
    custom_fields: { managed_by: 'flywheel', ...owner },
    config: {
      model,
      nim_deployment: {
        image_name: deployment.image,
        image_tag: deployment.tag,
        pvc_size: deployment.pvcSize,
        gpu: deployment.gpus,
        additional_envs: { NIM_GUIDED_DECODING_BACKEND: 'outlines' },
      },
    },
  };
}
