import { z } from 'zod';
import type { ManagedDeployment } from '../config/run-config.js';
import type { Http } from './http.js';

const deployment = z.object({
  status_details: z.object({ status: z.string(), description: z.string().nullish() }),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
});

export interface DeployedNim {
  /** The platform's word: created, pending, ready, failed, … */
  status: string;
  description: string | null;
  /** Workflow id of who deployed it; null: not ours. */
  holder: string | null;
}

export interface NewDeployment {
  namespace: string;
  name: string;
  model: string;
  deployment: ManagedDeployment;
  holder: string;
}

const PATH = '/v1/deployment/model-deployments';

/** Deployment management: NIMs that are being served. */
export const createDeployments = (http: Http) => ({
  url: (namespace: string, name: string): string => `${http.baseUrl}${PATH}/${namespace}/${name}`,

  async get(namespace: string, name: string, signal?: AbortSignal): Promise<DeployedNim | null> {
    const found = await http.find(`${PATH}/${namespace}/${name}`, deployment, signal);
    if (!found) return null;
    const { managed_by, holder } = found.custom_fields ?? {};
    return {
      status: found.status_details.status,
      description: found.status_details.description ?? null,
      holder: managed_by === 'flywheel' && typeof holder === 'string' ? holder : null,
    };
  },

  /** Asks for a deployment; false when one of that name is already there. */
  async create(
    { namespace, name, model, deployment, holder }: NewDeployment,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const body = {
      name,
      namespace,
      custom_fields: { managed_by: 'flywheel', holder },
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
    const answer = await http.send('POST', PATH, { body, signal });
    // The platform answers 500, not 409, for a name that is taken.
    if (answer.status === 409 || answer.text.includes('already exists')) return false;
    if (answer.status >= 300) throw http.failure(answer);
    return true;
  },

  async delete(namespace: string, name: string, signal?: AbortSignal): Promise<void> {
    await http.expect('DELETE', `${PATH}/${namespace}/${name}`, [404], { signal });
  },
});
