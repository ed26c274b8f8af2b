import { cancellationSignal, sleep } from '@temporalio/activity';
import type { EmbeddingConfig } from '../src/config/run-config.js';
import type { Embed } from '../src/datasets/index.js';
import type { Nemo } from '../src/nemo/index.js';
import { ServiceError } from '../src/nemo/service-error.js';
import { beating } from './beating.js';
import { finalFailure, isFinal } from './failures.js';

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;

/**
 * The vectors of a model, all of one length. The call of a batch that failed in passing is made again a few times here,
 * since a new attempt of the whole build would read the log store anew; `progress` says in heartbeats what goes on.
 */
export function patientEmbedding(
  { embeddings }: Nemo,
  { model, deployment }: EmbeddingConfig,
  progress: () => object,
): Embed {
  const url = deployment.kind === 'external' ? deployment.url : null;
  let dimensions: number | null = null;
  return async (texts, inputType) => {
    const request = { model, url, texts, inputType };
    const vectors = await embeddings.embed(request, cancellationSignal(), (call) =>
      beating(progress(), retried(call)),
    );
    for (const { length } of vectors) {
      dimensions ??= length;
      if (length !== dimensions)
        throw finalFailure(
          'EmbeddingMismatch',
          `${model} answered with vectors of ${dimensions} numbers, and then of ${length}: they cannot be compared`,
        );
    }
    return vectors;
  };
}

async function retried<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ServiceError) || isFinal(error) || attempt === ATTEMPTS) throw error;
      await sleep(error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** attempt);
    }
  }
}
