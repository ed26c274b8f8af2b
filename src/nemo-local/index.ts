import type { Server } from 'node:http';
import express, { type Router } from 'express';
import { adminRoutes } from './admin.js';
import { customizerRoutes } from './customizer.js';
import { takeDataFolder } from '../own-folder.js';
import { dataStoreRoutes } from './data-store.js';
import { deployFromStart } from './deployed-models.js';
import { deploymentRoutes } from './deployments.js';
import { createEngine } from './engine/index.js';
import { entityStoreRoutes } from './entity-store.js';
import { evaluatorRoutes } from './evaluator.js';
import { guardrailRoutes } from './guardrails.js';
import { answerErrors, notFound } from './http-error.js';
import { closeServer, listen, urlOf } from './listener.js';
import { createModelCatalog, type ModelEntry } from './model-catalog.js';
import { nimProxyRoutes } from './nim-proxy.js';
import { openAiRoutes } from './openai-routes.js';
import { createOpenAiServer, type OpenAiServerOptions } from './openai-server.js';
import { openPlatform, type Platform } from './platform.js';
import { refuseDeepBodies, refuseOddHosts } from './refusals.js';
import { injectFaults, type Service } from './request-faults.js';
import { resume } from './resume.js';

export { isEmbeddingModel } from './embeddings.js';
export { MODEL_KINDS, type ModelEntry } from './model-catalog.js';

export interface NemoLocalOptions {
  /** 0, the default, takes any free port. */
  ports?: { nemo: number; nim: number; dataStore: number };
  /** Everything that survives a restart lies here. */
  dataDir: string;
  /** How much of a real platform's waiting to imitate; 0, the default, is as fast as the computation. */
  timeScale?: number;
  /** GPUs for deployments and trainings; null, the default, is unlimited. */
  gpus?: number | null;
  /** 127.0.0.1 by default: nobody is asked for a key, so only a network of one's own should see another. */
  host?: string;
  /** Seed of trainings that name none. */
  seed?: number;
  /** Which models exist; null, the default: a model of any name does. */
  models?: ModelEntry[] | null;
  openAi?: OpenAiOptions | null;
}

/** An OpenAI-compatible server that answers for models. */
export interface OpenAiOptions extends OpenAiServerOptions {
  /** The server's names by ours; without it every chat model is answered for, under its own name. */
  models?: Record<string, string>;
}

export interface NemoLocal {
  nemoUrl: string;
  nimUrl: string;
  dataStoreUrl: string;
  /** Stops serving; unfinished jobs are taken up again by the next start on the same `dataDir`. */
  close(): Promise<void>;
}

/** Starts the stand-in on three ports. Rejects with a message for people when a port or the data folder is taken. */
export async function startNemoLocal(options: NemoLocalOptions): Promise<NemoLocal> {
  const giveBack = takeDataFolder(options.dataDir, 'nemo-local');
  try {
    const running = await serve(options);
    return { ...running, close: () => running.close().finally(giveBack) };
  } catch (error) {
    giveBack();
    throw error;
  }
}

async function serve(options: NemoLocalOptions): Promise<NemoLocal> {
  const { host = '127.0.0.1', ports = { nemo: 0, nim: 0, dataStore: 0 } } = options;
  const platform = openedPlatform(options);
  const nemo = serviceOf(
    platform,
    'nemo',
    adminRoutes(platform),
    entityStoreRoutes(platform),
    deploymentRoutes(platform),
    customizerRoutes(platform),
    evaluatorRoutes(platform),
    guardrailRoutes(platform),
  );
  const dataStore = serviceOf(
    platform,
    'data-store',
    dataStoreRoutes(platform.dataStoreNamespaces, platform.repositories),
  );
  const nim = serviceOf(platform, 'nim', openAiRoutes(platform), nimProxyRoutes(platform));
  const servers: Server[] = [];
  const close = async () => {
    await platform.jobs.close();
    await Promise.all(servers.map(closeServer));
    await platform.openAi?.close();
  };
  const open = async (app: express.Express, port: number, serves: string) => {
    const server = await listen(app, { host, port, serves });
    servers.push(server);
    return urlOf(server);
  };
  try {
    platform.nimUrl = await open(nim, ports.nim, 'the NIM proxy');
    const dataStoreUrl = await open(dataStore, ports.dataStore, 'the data store');
    const nemoUrl = await open(nemo, ports.nemo, 'the NeMo API');
    deployFromStart(platform, options.gpus ?? null);
    resume(platform);
    return { nemoUrl, nimUrl: platform.nimUrl, dataStoreUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openedPlatform({
  dataDir,
  timeScale = 0,
  gpus = null,
  seed = 1,
  ...options
}: NemoLocalOptions): Platform {
  const { models: entries = null, openAi = null } = options;
  const engine = createEngine();
  const openAiModels = openAi && (openAi.models ?? 'all');
  const catalog = createModelCatalog({ entries, openAiModels, readName: engine.baseModel });
  return openPlatform({
    dataDir,
    timeScale,
    gpus,
    seed,
    catalog,
    engine: { ...engine, baseModel: catalog.baseModel },
    openAi: openAi && createOpenAiServer(openAi),
  });
}

/** One port: JSON bodies, injected faults, the service's routes, errors as `{"detail": …}`. */
function serviceOf({ faults }: Platform, service: Service, ...routers: Router[]): express.Express {
  const json = express.json({ limit: '100mb', type: ['application/json', 'application/vnd.git-lfs+json'] });
  return express()
    .disable('x-powered-by')
    .disable('etag')
    .use(injectFaults(faults, service))
    .use(refuseOddHosts, json, refuseDeepBodies)
    .get(['/health', '/v1/health/ready'], (_req, res) => void res.json({ status: 'healthy' }))
    .use(...routers)
    .use((req) => {
      throw notFound(`${req.method} ${req.path}`);
    })
    .use(answerErrors);
}
