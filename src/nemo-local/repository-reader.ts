import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Commit, Repository } from './repositories.js';

/** Reads a repository's folder back; only the data store itself writes there, and it writes whole files. */
export function readRepository(folder: string): Omit<Repository, 'type' | 'id'> {
  const refs = JSON.parse(readFileSync(join(folder, 'refs.json'), 'utf8')) as Pick<
    Repository,
    'createdAt' | 'branches' | 'tags'
  >;
  const commits = readdirSync(join(folder, 'commits'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, 'commits', name), 'utf8')) as Commit);
  return { ...refs, commits: new Map(commits.map((commit) => [commit.id, commit])) };
}
