import { mkdirSync, rmSync } from 'node:fs';
import { documentFile, readDocument, writeWhole } from './collection.js';
import type { Adapter } from './engine/types.js';

/** Trained weights on disk, one file per customized model, kept in memory once read. */
export interface Adapters {
  /** Keeps an adapter that is given as JSON. */
  save(model: string, json: string): void;
  load(model: string): Adapter;
  delete(model: string): void;
}

export function openAdapters(folder: string): Adapters {
  mkdirSync(folder, { recursive: true });
  const fileOf = (model: string) => documentFile(folder, model);
  const loaded = new Map<string, Adapter>();
  return {
    save(model, json) {
      writeWhole(fileOf(model), json);
      loaded.delete(model);
    },
    load(model) {
      // Only `save` writes these files.
      const adapter = loaded.get(model) ?? (readDocument(fileOf(model)) as Adapter);
      loaded.set(model, adapter);
      return adapter;
    },
    delete(model) {
      loaded.delete(model);
      rmSync(fileOf(model), { force: true });
    },
  };
}
