import { Router, type Response } from 'express';
import type { OpenAiBody, OpenAiServer } from './openai-server.js';
import { relay, WithModel } from './openai-relay.js';
import type { Platform } from './platform.js';
import { servedModels } from './served-models.js';

const PATHS = ['/v1/chat/completions', '/v1/completions'];

/** Chat and text completions of the models that an OpenAI-compatible server answers for; others are left to the next route. */
export function openAiRoutes(platform: Platform): Router {
  return Router().post(PATHS, async (req, res, next) => {
    const { data: body } = WithModel.safeParse(req.body);
    const behind = body && openAiModelOf(platform, body.model);
    if (!body || !behind) return next();
    const signal = closedSignal(res);
    try {
      const path = req.path.replace('/v1', '');
      const answer = await behind.server.post(path, openAiBody(body, behind.model), signal);
      await relay(res, answer, body.model, signal);
    } catch (error) {
      // Nobody is there any more to read it.
      if (!signal.aborted) throw error;
    }
  });
}

/** The server that answers for a served model, and its name there; null when a tiny model does, or none. */
export function openAiModelOf(
  platform: Platform,
  id: string,
): { server: OpenAiServer; model: string } | null {
  const served = servedModels(platform).find((one) => one.id === id);
  if (!platform.openAi || !served || served.openAiModel === null) return null;
  return { server: platform.openAi, model: served.openAiModel };
}

/** Members that are NVIDIA's own: other servers do nothing by them, and some refuse what they do not know. */
const NVIDIA_ONLY = ['nvext', 'guardrails'];

/** A request to us as one to that server: as it is, but for the model's name there. */
export function openAiBody(body: Record<string, unknown>, model: string): OpenAiBody {
  const common = Object.entries(body).filter(([name]) => !NVIDIA_ONLY.includes(name));
  return { ...Object.fromEntries(common), model };
}

/** Aborts when the caller goes away, so that nobody computes for it any longer. */
export function closedSignal(res: Response): AbortSignal {
  const closed = new AbortController();
  res.on('close', () => closed.abort());
  return closed.signal;
}
