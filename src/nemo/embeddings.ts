import { z } from 'zod';
import { Http } from './http.js';

/** Texts of one call, as the blueprint sends them. */
const BATCH = 32;

export interface EmbeddingRequest {
  model: string;
  /** Full embeddings URL of a remote endpoint, which gets the key; null: through the NIM proxy, without one. */
  url: string | null;
  texts: readonly string[];
  /** `passage` for what is searched, `query` for what is looked for. */
  inputType: 'passage' | 'query';
}

type EachBatch = (call: () => Promise<Float32Array[]>) => Promise<Float32Array[]>;

const answer = z.object({
  data: z.array(z.object({ index: z.int(), embedding: z.array(z.number()) })),
});

/**
 * Models that turn texts into vectors, behind the OpenAI-compatible `/v1/embeddings` of NVIDIA's retrieval NIMs
 * (docs.nvidia.com/nim/nemo-retriever/text-embedding, "API reference"); `input_type` and `truncate` are theirs.
 */
export function createEmbeddings(nimProxy: Http, apiKey: string | null) {
  return {
    /**
     * One vector for each text, in their order; all of one length, whichever the model has. `each` makes the call of a
     * batch, and may make it again where that fails.
     */
    async embed(
      request: EmbeddingRequest,
      signal?: AbortSignal,
      each: EachBatch = (call) => call(),
    ): Promise<Float32Array[]> {
      const vectors: Float32Array[] = [];
      for (let at = 0; at < request.texts.length; at += BATCH) {
        const texts = request.texts.slice(at, at + BATCH);
        vectors.push(...(await each(() => embedBatch(nimProxy, apiKey, { ...request, texts }, signal))));
      }
      return vectors;
    },
  };
}

async function embedBatch(
  nimProxy: Http,
  apiKey: string | null,
  { model, url, texts, inputType }: EmbeddingRequest,
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  const http = url === null ? nimProxy : new Http(`the embedding model ${model}`, url);
  const path = url === null ? '/v1/embeddings' : '';
  const body = { model, input: texts, input_type: inputType, encoding_format: 'float', truncate: 'END' };
  const { data } = await http.json('POST', path, answer, {
    body,
    signal,
    bearer: url === null ? null : apiKey,
  });
  const vectors = inOrder(data, texts.length);
  if (typeof vectors !== 'string') return vectors;
  throw http.misfit(`POST ${http.baseUrl}${path}: 200`, `${model}: ${vectors}`);
}

/** The vectors by their index, or what is wrong with them. */
function inOrder(data: z.infer<typeof answer>['data'], count: number): Float32Array[] | string {
  const vectors = new Map(data.map(({ index, embedding }) => [index, embedding]));
  const sorted = Array.from({ length: count }, (_, index) => vectors.get(index));
  const complete = sorted.filter((vector) => vector !== undefined);
  if (complete.length < count || data.length !== count)
    return `${data.length} vectors came back for ${count} texts, or not one for each`;
  const length = complete[0]?.length ?? 0;
  if (length === 0 || complete.some((vector) => vector.length !== length))
    return 'the vectors are empty, or of different lengths';
  return complete.map((vector) => Float32Array.from(vector));
}
