import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal } from '../../activities/failures.js';
import type { Deployment } from '../config/run-config.js';
import type { LoadedConfig } from '../config/types.js';
import { askChat } from '../nemo/chat-endpoint.js';
import { createNemo } from '../nemo/index.js';
import { ServiceError } from '../nemo/service-error.js';
import { asSentence, describe, Problem } from './problem.js';
import type { Services } from './services.js';

/** A model that others serve at an address of its own. */
interface Endpoint {
  name: string;
  url: string;
  key: string | null;
  /** What to look at when it does not answer. */
  settings: string;
  ask(signal: AbortSignal): Promise<unknown>;
}

interface Reach {
  /** Whether other processes hold the keys of models; then one that refuses ours, which is missing, is there. */
  modelKeysAreElsewhere: boolean;
  /** The pauses between the attempts. */
  pausesMs?: readonly number[];
  say?: (line: string) => void;
}

/** The blueprint's. */
export const PAUSES_MS: readonly number[] = [10_000, 20_000];

/**
 * Sees that a judge and an embedding model with a URL of their own answer; a model that runs deploy themselves cannot be
 * asked yet. One that refuses is asked once, one that is away again after each pause.
 */
export async function reachEndpoints(
  services: Services,
  config: LoadedConfig,
  { modelKeysAreElsewhere, pausesMs = PAUSES_MS, say = console.log }: Reach,
): Promise<void> {
  for (const endpoint of endpointsOf(config))
    await services.start(
      `the connection to ${endpoint.name}`,
      async () => {
        const reason = await refusal(endpoint, [...pausesMs], say, services.signal);
        if (reason === null || (modelKeysAreElsewhere && lacksKey(endpoint, reason))) return;
        throw new Problem(`${asSentence(describe(reason))} Check ${endpoint.settings}.`);
      },
      () => Promise.resolve(),
    );
}

/** Why the model does not answer; null: it does. */
async function refusal(
  { name, url, ask }: Endpoint,
  pausesMs: number[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<unknown> {
  for (;;) {
    const reason = await ask(signal).then(
      () => null,
      (error: unknown) => error,
    );
    signal.throwIfAborted();
    const isPassing = reason instanceof ServiceError && !isFinal(reason);
    const pauseMs = isPassing ? pausesMs.shift() : undefined;
    if (pauseMs === undefined) return reason;
    say(`${name} at ${url} does not answer (${describe(reason)}); trying again in ${pauseMs / 1000} s`);
    await sleep(pauseMs, undefined, { signal });
  }
}

const KEY_REFUSED = [401, 403];

const lacksKey = ({ key }: Endpoint, reason: unknown): boolean =>
  key === null && reason instanceof ServiceError && KEY_REFUSED.includes(reason.status ?? 0);

function* endpointsOf({ run: { judge, icl }, services, secrets }: LoadedConfig): Generator<Endpoint> {
  const judgeUrl = urlOf(judge.deployment);
  const { judgeApiKey, embeddingApiKey } = secrets;
  if (judgeUrl !== null)
    yield {
      name: 'the judge',
      url: judgeUrl,
      key: judgeApiKey,
      settings: 'llm_judge_config, and LLM_JUDGE_API_KEY or NVIDIA_API_KEY',
      ask: (signal) => askChat({ model: judge.model, url: judgeUrl, key: judgeApiKey }, signal),
    };
  if (icl.selection !== 'semantic_similarity') return;
  const { model, deployment } = icl.embedding;
  const url = urlOf(deployment);
  const { embeddings } = createNemo({ ...services.nemo, ...secrets });
  if (url !== null)
    yield {
      name: 'the embedding model',
      url,
      key: embeddingApiKey,
      settings: 'icl_config.similarity_config.embedding_nim_config, and EMB_API_KEY or NVIDIA_API_KEY',
      ask: (signal) => embeddings.embed({ model, url, texts: ['hi'], inputType: 'query' }, signal),
    };
}

const urlOf = (deployment: Deployment): string | null =>
  deployment.kind === 'external' ? deployment.url : null;
