import { createHash } from 'node:crypto';

/** A file of a tree: its path from the root and the id of its blob. */
export interface TreeFile {
  path: string;
  oid: string;
}

const objectId = (kind: 'blob' | 'tree' | 'commit', content: Buffer): string =>
  createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex');

export const blobId = (content: Buffer): string => objectId('blob', content);

/** The text that git keeps in place of a large file. */
export const pointerTo = (sha256: string, size: number): string =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;

/** Ids of all folders as git computes them, by path; the root's is ''. */
export function treeIds(files: readonly TreeFile[]): Map<string, string> {
  const ids = new Map<string, string>();
  hashFolder('', toFolder(files), ids);
  return ids;
}

export interface CommitContent {
  tree: string;
  parents: readonly string[];
  message: string;
  date: Date;
}

/** The committer is the data store itself, whatever the token: nobody is authenticated here. */
export const COMMITTER = { user: 'nemo-local', email: 'nemo-local@localhost' } as const;

export function commitId({ tree, parents, message, date }: CommitContent): string {
  const who = `${COMMITTER.user} <${COMMITTER.email}> ${Math.floor(date.getTime() / 1000)} +0000`;
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
  ];
  return objectId('commit', Buffer.from(`${lines.join('\n')}\n\n${message}\n`));
}

type Folder = Map<string, Folder | string>;

function toFolder(files: readonly TreeFile[]): Folder {
  const root: Folder = new Map();
  for (const { path, oid } of files) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    parts.reduce(subfolder, root).set(name, oid);
  }
  return root;
}

function subfolder(folder: Folder, name: string): Folder {
  const existing = folder.get(name);
  if (existing instanceof Map) return existing;
  const created: Folder = new Map();
  folder.set(name, created);
  return created;
}

function hashFolder(path: string, folder: Folder, ids: Map<string, string>): string {
  const entries = [...folder].map(([name, child]) => {
    if (typeof child === 'string') return { mode: '100644', name, order: name, id: child };
    const id = hashFolder(path === '' ? name : `${path}/${name}`, child, ids);
    // Git orders a folder as if its name ended in a slash.
    return { mode: '40000', name, order: `${name}/`, id };
  });
  entries.sort((a, b) => Buffer.compare(Buffer.from(a.order), Buffer.from(b.order)));
  const content = entries.flatMap(({ mode, name, id }) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(id, 'hex'),
  ]);
  const id = objectId('tree', Buffer.concat(content));
  ids.set(path, id);
  return id;
}
