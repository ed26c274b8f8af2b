import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../message-of.js';

/**
 * JSON documents by key: kept in memory, each also a file of its own, so that they outlive the process.
 * A change to a document is durable only after `put`.
 */
export interface Collection<T> {
  get(key: string): T | undefined;
  put(key: string, item: T): T;
  delete(key: string): boolean;
  /** In the order in which they were first put, also after a restart. */
  all(): T[];
}

interface Document<T> {
  key: string;
  place: number;
  item: T;
}

export function openCollection<T>(folder: string): Collection<T> {
  mkdirSync(folder, { recursive: true });
  const documents = new Map(readAll<T>(folder).map((document) => [document.key, document]));
  let places = Math.max(0, ...[...documents.values()].map(({ place }) => place + 1));
  return {
    get: (key) => documents.get(key)?.item,
    put(key, item) {
      const document = { key, place: documents.get(key)?.place ?? places++, item };
      // The file first: what could not be kept must not be answered as if it were.
      writeWhole(documentFile(folder, key), JSON.stringify(document));
      documents.set(key, document);
      return item;
    },
    delete(key) {
      rmSync(documentFile(folder, key), { force: true });
      return documents.delete(key);
    },
    all: () => [...documents.values()].map(({ item }) => item),
  };
}

/** A file of its own for any key, however long and of whatever characters; the document inside names its key. */
export const documentFile = (folder: string, key: string): string =>
  join(folder, `${createHash('sha256').update(JSON.stringify(key)).digest('hex')}.json`);

function readAll<T>(folder: string): Document<T>[] {
  const documents = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    // Only `put` writes here, and it writes whole files.
    .map((name) => readDocument(join(folder, name)) as Document<T>);
  return documents.sort((a, b) => a.place - b.place);
}

/** Reads a JSON file of the data folder. Throws with a message for people when it holds none, as after a power cut. */
export function readDocument(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(
      `nemo-local cannot read ${path} of its data folder: ${reason}. Put it back from a copy, or delete it: what it told is lost then`,
      { cause: error },
    );
  }
}

/** Writes a file that a kill leaves either old or new, never half; readable by its owner alone. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
