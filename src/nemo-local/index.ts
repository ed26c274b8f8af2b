import type { Server } from 'node:http';
import express, { type Router } from 'express';
import { adminRoutes } from './admin.js';
import { refuseDeepBodies, refuseOddHosts } from './refusals.js';
import { customizerRoutes } from './customizer.js';
import { dataStoreRoutes } from './data-store.js';
import { deploymentRoutes } from './deployments.js';
import { createEngine } from './engine/index.js';
import { entityStoreRoutes } from './entity-store.js';
import { evaluatorRoutes } from './evaluator.js';
import { guardrailRoutes } from './guardrails.js';
import { answerErrors, notFound } from './http-error.js';
import { closeServer, listen, urlOf } from './listener.js';
import { nimProxyRoutes } from './nim-proxy.js';
import { openPlatform, type Platform } from './platform.js';
import { injectFaults, type Service } from './request-faults.js';
import { resume } from './resume.js';

export interface NemoLocalOptions {
  /** 0, the default, takes any free port. */
  ports?: { nemo: number; nim: number; dataStore: number };
  /** Everything that survives a restart lies here. */
  dataDir: string;
  /** How much of a real platform's waiting to imitate; 0, the default, is as fast as the computation. */
  timeScale?: number;
  /** GPUs for deployments and trainings; null, the default, is unlimited. */
  gpus?: number | null;
  host?: '127.0.0.1';
  /** Seed of trainings that name none. */
  seed?: number;
}

export interface NemoLocal {
  nemoUrl: string;
  nimUrl: string;
  dataStoreUrl: string;
  /** Stops serving; unfinished jobs are taken up again by the next start on the same `dataDir`. */
  close(): Promise<void>;
}

/** Starts the stand-in on three ports. Rejects with a message for people when a port is taken. */
export async function startNemoLocal(options: NemoLocalOptions): Promise<NemoLocal> {
  const { dataDir, timeScale = 0, gpus = null, host = '127.0.0.1', seed = 1 } = options;
  const ports = options.ports ?? { nemo: 0, nim: 0, dataStore: 0 };
  const platform = openPlatform({ dataDir, engine: createEngine(), timeScale, gpus, seed });
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
  const servers: Server[] = [];
  const close = async () => {
    await platform.jobs.close();
    await Promise.all(servers.map(closeServer));
  };
  const open = async (app: express.Express, port: number, serves: string) => {
    const server = await listen(app, { host, port, serves });
    servers.push(server);
    return urlOf(server);
  };
  try {
    platform.nimUrl = await open(
      serviceOf(platform, 'nim', nimProxyRoutes(platform)),
      ports.nim,
      'the NIM proxy',
    );
    const dataStoreUrl = await open(dataStore, ports.dataStore, 'the data store');
    const nemoUrl = await open(nemo, ports.nemo, 'the NeMo API');
    resume(platform);
    return { nemoUrl, nimUrl: platform.nimUrl, dataStoreUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
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
