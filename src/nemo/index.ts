import type { Secrets } from '../config/types.js';
import { secretTexts } from '../masked.js';
import { createCustomizer } from './customizer.js';
import { createDataStore } from './data-store.js';
import { createDeployments } from './deployments.js';
import { createEmbeddings } from './embeddings.js';
import { createEntityStore } from './entity-store.js';
import { createEvaluator } from './evaluator.js';
import { Http } from './http.js';
import { createNimProxy } from './nim-proxy.js';

/** The key of an embedding endpoint goes to no other service. What is secret is in no error, whoever repeats it. */
export type NemoOptions = Partial<Secrets> &
  Pick<Secrets, 'hfToken' | 'embeddingApiKey'> & {
    nemoUrl: string;
    nimUrl: string;
    dataStoreUrl: string;
  };

/** One service for each remote system of the platform. */
export function createNemo({ nemoUrl, nimUrl, dataStoreUrl, ...given }: NemoOptions) {
  const secrets = secretTexts(given);
  const http = (service: string, url: string) => new Http(service, url, { secrets });
  const proxy = http('NIM proxy', nimUrl);
  const nimProxy = createNimProxy(proxy);
  const entityStore = createEntityStore(http('entity store', nemoUrl));
  const dataStore = createDataStore(http('data store', dataStoreUrl), given.hfToken);
  return {
    dataStore,
    entityStore,
    deployments: createDeployments(http('deployment management', nemoUrl)),
    customizer: createCustomizer(http('customizer', nemoUrl)),
    evaluator: createEvaluator(http('evaluator', nemoUrl)),
    nimProxy,
    embeddings: createEmbeddings(proxy, given.embeddingApiKey),
    /** One question at each address; rejects with a ServiceError when nobody answers there. */
    pings: [() => nimProxy.models(), () => entityStore.ping(), () => dataStore.ping()],
  };
}

export type Nemo = ReturnType<typeof createNemo>;
