import { unprocessable } from './http-error.js';
import type { Platform } from './platform.js';

/** Throws a 422 for a base model that does not exist here, or whose weights lie with another server. */
export function refuseUntrainable({ catalog, openAi }: Platform, model: string): void {
  const refuse = (reason: string) => {
    throw unprocessable(['body', 'config', 'target'], `${model} cannot be customized: ${reason}`);
  };
  if (!catalog.has(model)) refuse('the models file does not name it');
  const behind = catalog.openAiModel(model);
  if (openAi && behind !== null)
    refuse(
      `the OpenAI-compatible server at ${openAi.url} answers for it (its model ${behind}), and nemo-local trains its ` +
        'own models only. Choose one that --openai-model does not name',
    );
}
