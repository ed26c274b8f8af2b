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

/** One service for each remote system of the platform. */
export function createNemo({ nemoUrl, nimUrl, dataStoreUrl, hfToken, embeddingApiKey }: NemoOptions) {
  const proxy = new Http('NIM proxy', nimUrl);
  const nimProxy = createNimProxy(proxy);
  const entityStore = createEntityStore(new Http('entity store', nemoUrl));
  const dataStore = createDataStore(new Http('data store', dataStoreUrl), hfToken);
  return {
    dataStore,
    entityStore,
    deployments: createDeployments(new Http('deployment management', nemoUrl)),
    customizer: createCustomizer(new Http('customizer', nemoUrl)),
    evaluator: createEvaluator(new Http('evaluator', nemoUrl)),
    nimProxy,
    embeddings: createEmbeddings(proxy, embeddingApiKey),
    /** One question at each address; rejects with a ServiceError when nobody answers there. */
    pings: [() => nimProxy.models(), () => entityStore.ping(), () => dataStore.ping()],
  };
}

export type Nemo = ReturnType<typeof createNemo>;
