import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from './platform.js';
import type { RepositoryFile } from './repository-files.js';

/** A file or folder of a dataset repository, as `hf://datasets/{namespace}/{name}[/{path}]` names it. */
export interface DatasetFiles {
  files: RepositoryFile[];
  /** Where the file's bytes lie on this machine. */
  localPath(file: RepositoryFile): string;
  read(file: RepositoryFile): string;
}

/** Finds what a `files_url` names. Throws an Error that says what is missing. */
export function openDatasetFiles({ repositories }: Platform, filesUrl: string): DatasetFiles {
  const [, id, path] = /^hf:\/\/datasets\/([^/]+\/[^/]+)\/?(.*)$/.exec(filesUrl) ?? [];
  if (!id) throw new Error(`${filesUrl} is not of the form hf://datasets/{namespace}/{name}/{path}`);
  const repository = repositories.find('dataset', id);
  if (!repository) throw new Error(`the data store has no dataset repository ${id}`);
  const all = repositories.files(repository, 'main') ?? [];
  const files = path ? all.filter((file) => file.path === path || file.path.startsWith(`${path}/`)) : all;
  if (path && files.length === 0) throw new Error(`dataset repository ${id} has no file ${path}`);
  const localPath = ({ sha256 }: RepositoryFile) => join(repositories.blobFolder(repository), sha256);
  return { files, localPath, read: (file) => readFileSync(localPath(file), 'utf8') };
}

/** Parses one JSON value a line; blank lines are skipped. Throws an Error that names file and line. */
export function parseJsonLines(text: string, file: string): { line: number; value: unknown }[] {
  return text
    .split('\n')
    .map((content, index) => ({ content, line: index + 1 }))
    .filter(({ content }) => content.trim() !== '')
    .map(({ content, line }) => {
      try {
        return { line, value: JSON.parse(content) as unknown };
      } catch (error) {
        throw new Error(`${file} line ${line} is not JSON: ${String(error)}`, { cause: error });
      }
    });
}
