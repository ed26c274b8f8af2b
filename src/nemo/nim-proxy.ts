import { z } from 'zod';
import type { Http } from './http.js';

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The NIM proxy: which models and adapters answer. */
export const createNimProxy = (http: Http) => ({
  async models(signal?: AbortSignal): Promise<string[]> {
    const { data } = await http.json('GET', '/v1/models', modelList, { signal });
    return data.map((model) => model.id);
  },
});
