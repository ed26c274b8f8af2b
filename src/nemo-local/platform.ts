import { join } from 'node:path';
import { openAdapters, type Adapters } from './adapters.js';
import { createBackgroundJobs, type BackgroundJobs } from './background-jobs.js';
import { createClock, type Clock } from './clock.js';
import { openCollection, type Collection } from './collection.js';
import type { CustomizationConfig } from './customization-config.js';
import type { CustomizationJob } from './customization-job.js';
import type { CustomizationTarget } from './customization-target.js';
import {
  describeCustomization,
  describeDeployment,
  describeEntity,
  describeEvaluation,
} from './creation-names.js';
import { createCreations, type Creations } from './creations.js';
import type { DataStoreNamespace } from './data-store.js';
import type { Deployment } from './deployments.js';
import type { Engine } from './engine/types.js';
import type { Entity, NamedEntity } from './entity-routes.js';
import type { EvaluationJob } from './evaluation-job.js';
import type { EvaluationResult } from './evaluation-results.js';
import { createFaults, type Faults } from './faults.js';
import { createGpuSlots, type GpuSlots } from './gpu-slots.js';
import type { ModelCatalog } from './model-catalog.js';
import type { OpenAiServer } from './openai-server.js';
import { openRepositories, type Repositories } from './repositories.js';

/** All state and shared means of the services; every service is a router over it. */
export interface Platform {
  dataDir: string;
  engine: Engine;
  /** Which base models exist; `models` are the entities that callers made. */
  catalog: ModelCatalog;
  /** Answers for some models; null: there is none. */
  openAi: OpenAiServer | null;
  clock: Clock;
  gpus: GpuSlots;
  faults: Faults;
  creations: Creations;
  jobs: BackgroundJobs;
  adapters: Adapters;
  repositories: Repositories;
  dataStoreNamespaces: Collection<DataStoreNamespace>;
  namespaces: Collection<Entity>;
  projects: Collection<NamedEntity>;
  datasets: Collection<NamedEntity>;
  models: Collection<NamedEntity>;
  deployments: Collection<Deployment>;
  customizationTargets: Collection<CustomizationTarget>;
  deploymentConfigs: Collection<NamedEntity>;
  guardrailConfigs: Collection<NamedEntity>;
  customizationConfigs: Collection<CustomizationConfig>;
  customizations: Collection<CustomizationJob>;
  evaluationTargets: Collection<NamedEntity>;
  evaluationConfigs: Collection<NamedEntity>;
  evaluations: Collection<EvaluationJob>;
  evaluationResults: Collection<EvaluationResult>;
  /** Seed of trainings that name none. */
  seed: number;
  /** Base URL of the NIM proxy; known once its port is open. */
  nimUrl: string;
}

export interface PlatformOptions {
  dataDir: string;
  engine: Engine;
  catalog: ModelCatalog;
  openAi: OpenAiServer | null;
  timeScale: number;
  gpus: number | null;
  seed: number;
}

export function openPlatform({ timeScale, gpus, ...options }: PlatformOptions): Platform {
  const { dataDir } = options;
  const collection = <T>(name: string) => openCollection<T>(join(dataDir, name));
  const creations = createCreations(collection('creations'));
  return {
    ...options,
    nimUrl: '',
    clock: createClock(timeScale),
    gpus: createGpuSlots(gpus),
    faults: createFaults(collection('faults'), collection('settled-faults')),
    creations,
    jobs: createBackgroundJobs(),
    adapters: openAdapters(join(dataDir, 'adapters')),
    repositories: openRepositories(join(dataDir, 'repositories')),
    dataStoreNamespaces: collection('data-store-namespaces'),
    namespaces: collection('namespaces'),
    projects: collection('projects'),
    datasets: creations.counted('datasets', collection('datasets'), describeEntity),
    models: creations.counted('models', collection('models'), describeEntity),
    deployments: creations.counted('deployments', collection('deployments'), describeDeployment),
    customizationTargets: collection('customization-targets'),
    deploymentConfigs: collection('deployment-configs'),
    guardrailConfigs: collection('guardrail-configs'),
    customizationConfigs: collection('customization-configs'),
    customizations: creations.counted('customizations', collection('customizations'), describeCustomization),
    evaluationTargets: collection('evaluation-targets'),
    evaluationConfigs: collection('evaluation-configs'),
    evaluations: creations.counted('evaluations', collection('evaluations'), describeEvaluation),
    evaluationResults: collection('evaluation-summaries'),
  };
}
