import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument } from './collection.js';
import type { Commit, Repository } from './repositories.js';

/** Reads a repository's folder back; only the data store itself writes there, and it writes whole files. */
export function readRepository(folder: string): Omit<Repository, 'type' | 'id'> {
  const refs = readDocument(join(folder, 'refs.json')) as Pick<Repository, 'createdAt' | 'branches' | 'tags'>;
  const commits = readdirSync(join(folder, 'commits'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => readDocument(join(folder, 'commits', name)) as Commit);
  return { ...refs, commits: new Map(commits.map((commit) => [commit.id, commit])) };
}
