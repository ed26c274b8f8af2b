import type { Adapter, BaseModel } from './engine/types.js';
import type { Platform } from './platform.js';

/** A model that answers: a deployed base, alone or with trained weights. */
export interface ServedModel {
  id: string;
  /** Seconds since 1970. */
  created: number;
  base: BaseModel;
  adapterOf: string | null;
  /** What the OpenAI-compatible server calls the model that answers; null: a tiny model does. */
  openAiModel: string | null;
}

/** How long a NIM takes to notice a finished adapter, before the time scale. */
const ADAPTER_REFRESH_SECONDS = 2;

/** Models that are deployed and ready, and the finished adapters of these. */
export function servedModels(platform: Platform): ServedModel[] {
  const { catalog } = platform;
  const ready = platform.deployments.all().filter(({ wire }) => wire.deployed);
  const trained = trainedModels(platform);
  const deployed = ready.map(({ wire, serves }): [string, ServedModel] => {
    const whole = trained.find(({ id }) => id === serves.model);
    const base = platform.engine.baseModel(whole?.base ?? serves.model);
    const created = epochSeconds(wire.updated_at);
    const openAiModel = whole ? null : catalog.openAiModel(serves.model);
    return [serves.model, { id: serves.model, created, base, adapterOf: whole?.id ?? null, openAiModel }];
  });
  const served = new Map(deployed);
  const withAdapters = new Set(ready.filter(({ serves }) => serves.lora).map(({ serves }) => serves.model));
  // Whole weights are a model of their own, which needs its own deployment.
  for (const { id, base, isAdapter, finishedAt } of trained) {
    if (!isAdapter || !withAdapters.has(base) || served.has(id) || !isNoticed(platform, finishedAt)) continue;
    // It was trained for a tiny model that answers no longer.
    if (catalog.openAiModel(base) !== null) continue;
    const created = epochSeconds(finishedAt);
    served.set(id, { id, created, base: platform.engine.baseModel(base), adapterOf: id, openAiModel: null });
  }
  return [...served.values()];
}

/** Whether there is a model to deploy: one of the catalog, or what a customization has made. */
export const modelExists = (platform: Platform, name: string): boolean => {
  const { has } = platform.catalog;
  return has(name) || trainedModels(platform).some(({ id, base }) => id === name && has(base));
};

/** What customizations have made and nobody has deleted since. */
const trainedModels = ({ customizations, models }: Platform) =>
  customizations.all().flatMap(({ status, output_model, config_snapshot, hyperparameters, updated_at }) => {
    if (status !== 'completed' || output_model === null || !models.get(output_model)) return [];
    const base = config_snapshot.base_model;
    const isAdapter = hyperparameters.finetuning_type === 'lora';
    return [{ id: output_model, base, isAdapter, finishedAt: updated_at }];
  });

const isNoticed = ({ clock }: Platform, finishedAt: string) =>
  Date.parse(`${finishedAt}Z`) + clock.scaledMs(ADAPTER_REFRESH_SECONDS) <= Date.now();

export const adapterOf = (platform: Platform, served: ServedModel): Adapter | null =>
  served.adapterOf === null ? null : platform.adapters.load(served.adapterOf);

const epochSeconds = (naive: string) => Math.floor(Date.parse(`${naive}Z`) / 1000);
