import { createCustomizer } from './customizer.js';
import { createDataStore } from './data-store.js';
import { createDeployments } from './deployments.js';
import { createEmbeddings } from './embeddings.js';
import { createEntityStore } from './entity-store.js';
import { createEvaluator } from './evaluator.js';
import { Http } from './http.js';
import { createNimProxy } from './nim-proxy.js';

export interface NemoOptions {
  nemoUrl: string;
  nimUrl: string;
  dataStoreUrl: string;
  hfToken: string;
  /** Key of a remote embedding endpoint; goes to no other service. */
  embeddingApiKey: string | null;
}

/** One client for each service of the platform. */
export function createNemo({ nemoUrl, nimUrl, dataStoreUrl, hfToken, embeddingApiKey }: NemoOptions) {
  const nimProxy = new Http('NIM proxy', nimUrl);
  return {
    dataStore: createDataStore(new Http('data store', dataStoreUrl), hfToken),
    entityStore: createEntityStore(new Http('entity store', nemoUrl)),
    deployments: createDeployments(new Http('deployment management', nemoUrl)),
    customizer: createCustomizer(new Http('customizer', nemoUrl)),
    evaluator: createEvaluator(new Http('evaluator', nemoUrl)),
    nimProxy: createNimProxy(nimProxy),
    embeddings: createEmbeddings(nimProxy, embeddingApiKey),
  };
}

export type Nemo = ReturnType<typeof createNemo>;
