import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

const PREFIX = 'datasets-';
/** Of folders that have no owner yet. */
const FRESH = '.datasets-';
/** A socket on which nobody listens when the owner is gone, however it went and whichever container it was in. */
const SOCKET = 'owner';
/** What has no socket, since not every file system takes one, is left when it was not touched for so long. */
const LEFT_MS = 24 * 3600_000;

/** A folder that only this user can read, for files that are to be gone when the work is done or its process is dead. */
export class PrivateFolder {
  readonly path: string;
  private readonly directory: FileHandle;
  private readonly owner: Server | null;

  private constructor(path: string, directory: FileHandle, owner: Server | null) {
    this.path = path;
    this.directory = directory;
    this.owner = owner;
  }

  static async create(parent: string): Promise<PrivateFolder> {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    const fresh = await mkdtemp(join(parent, FRESH));
    const directory = await open(fresh);
    const owner = await listen(socketIn(fresh, directory));
    const path = join(parent, `${PREFIX}${randomUUID()}`);
    // Nobody else may look for its owner before there is one.
    await rename(fresh, path);
    return new PrivateFolder(path, directory, owner);
  }

  async remove(): Promise<void> {
    try {
      await rm(this.path, { recursive: true, force: true });
    } finally {
      await new Promise<void>((resolve) => (this.owner ? this.owner.close(() => resolve()) : resolve()));
      await this.directory.close();
    }
  }
}

/** Removes the folders in `parent` whose processes are dead: production traffic must not stay on disk. */
export async function removeLeftFolders(parent: string): Promise<void> {
  const names = await readdir(parent).catch((): string[] => []);
  for (const name of names) {
    const path = join(parent, name);
    const isOurs = name.startsWith(PREFIX) || name.startsWith(FRESH);
    if (isOurs && (await isLeft(name, path))) await rm(path, { recursive: true, force: true });
  }
}

async function isLeft(name: string, path: string): Promise<boolean> {
  const answer = name.startsWith(FRESH) ? 'absent' : await askOwner(path);
  if (answer !== 'absent') return answer === 'dead';
  const touched = await stat(path).catch(() => null);
  return touched !== null && Date.now() - touched.mtimeMs > LEFT_MS;
}

async function askOwner(path: string): Promise<'alive' | 'dead' | 'absent'> {
  const directory = await open(path).catch(() => null);
  if (!directory) return 'absent';
  try {
    const code = await knock(socketIn(path, directory));
    if (code === 'ENOENT') return 'absent';
    return code === 'ECONNREFUSED' ? 'dead' : 'alive';
  } finally {
    await directory.close();
  }
}

/** The code of the error; null where somebody answers. */
function knock(socket: string): Promise<string | null> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => {
      connection.destroy();
      resolve(null);
    });
    connection.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
}

/** null: the file system takes none. */
function listen(socket: string): Promise<Server | null> {
  const server = createServer((connection) => connection.destroy()).unref();
  return new Promise((resolve) => {
    server.on('error', () => resolve(null));
    server.listen(socket, () => resolve(server));
  });
}

/** The names of sockets have at most some 100 bytes; on Linux whatever is open has a short one too. */
const socketIn = (path: string, { fd }: FileHandle): string =>
  join(process.platform === 'linux' ? `/proc/self/fd/${fd}` : path, SOCKET);
