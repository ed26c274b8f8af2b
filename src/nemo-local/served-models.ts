import type { Adapter, BaseModel } from './engine/types.js';
import type { Platform } from './platform.js';

/** A model that answers: a deployed base, alone or with a trained adapter. */
export interface ServedModel {
  id: string;
  /** Seconds since 1970. */
  created: number;
  base: BaseModel;
  adapterOf: string | null;
}

/** How long a NIM takes to notice a finished adapter, before the time scale. */
const ADAPTER_REFRESH_SECONDS = 2;

/** Base models that are deployed and ready, and the finished adapters of these. */
export function servedModels(platform: Platform): ServedModel[] {
  const ready = platform.deployments.all().filter(({ deployed }) => deployed);
  const bases = new Map(ready.map(({ config, updated_at }) => [config.model, epochSeconds(updated_at)]));
  const served = [...bases].map(([id, created]) => ({
    id,
    created,
    base: platform.engine.baseModel(id),
    adapterOf: null,
  }));
  const adapters = platform.customizations
    .all()
    .flatMap(({ status, output_model, config_snapshot, updated_at }) => {
      if (output_model === null) return [];
      const base = config_snapshot.base_model;
      const noticed =
        Date.parse(`${updated_at}Z`) + platform.clock.scaledMs(ADAPTER_REFRESH_SECONDS) <= Date.now();
      // Its entity deleted, an adapter is gone from the list too.
      const lists = status === 'completed' && noticed && bases.has(base) && platform.models.get(output_model);
      if (!lists) return [];
      return [
        {
          id: output_model,
          created: epochSeconds(updated_at),
          base: platform.engine.baseModel(base),
          adapterOf: output_model,
        },
      ];
    });
  return [...served, ...adapters];
}

export const adapterOf = (platform: Platform, served: ServedModel): Adapter | null =>
  served.adapterOf === null ? null : platform.adapters.load(served.adapterOf);

const epochSeconds = (naive: string) => Math.floor(Date.parse(`${naive}Z`) / 1000);
