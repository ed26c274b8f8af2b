import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * JSON documents by key: kept in memory, each also a file of its own, so that they outlive the process.
 * A change to a document is durable only after `put`.
 */
export interface Collection<T> {
  get(key: string): T | undefined;
  put(key: string, item: T): T;
  delete(key: string): boolean;
  all(): T[];
}

export function openCollection<T>(folder: string): Collection<T> {
  mkdirSync(folder, { recursive: true });
  const items = readAll<T>(folder);
  return {
    get: (key) => items.get(key),
    put(key, item) {
      items.set(key, item);
      writeWhole(fileOf(folder, key), JSON.stringify({ key, item }));
      return item;
    },
    delete(key) {
      rmSync(fileOf(folder, key), { force: true });
      return items.delete(key);
    },
    all: () => [...items.values()],
  };
}

const fileOf = (folder: string, key: string) => join(folder, `${encodeURIComponent(key)}.json`);

function readAll<T>(folder: string): Map<string, T> {
  const documents = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    // Only `put` writes here, and it writes whole files.
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { key: string; item: T });
  return new Map(documents.map(({ key, item }) => [key, item]));
}

/** Writes a file that a kill leaves either old or new, never half; readable by its owner alone. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
