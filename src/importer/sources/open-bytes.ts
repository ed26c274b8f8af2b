import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ImportError } from '../import-error.js';

export interface FileBytes {
  /** Unpacked where they are gzip, whatever the name says. */
  bytes: AsyncIterable<Buffer>;
  /** How much of the file has been read, from 0 to 1; null where it has no length. */
  share(): number | null;
  /** It begins like a Parquet file. */
  isParquet: boolean;
}

const GZIP = '1f8b';
const UTF16 = new Set(['fffe', 'feff']);

/** Opens a file for reading; an ImportError where that cannot be. */
export async function openBytes(path: string): Promise<FileBytes> {
  const file = await open(path).catch((error: unknown) => {
    throw cannotOpen(path, error);
  });
  try {
    const { size } = await refuseFolder(path, file);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.subarray(0, 2).toString('hex');
    if (UTF16.has(magic)) throw new ImportError(`${path} is UTF-16 text: save it as UTF-8`);
    if (magic !== GZIP && path.endsWith('.gz') && bytesRead > 0)
      throw new ImportError(`${path} is named .gz but is not gzip: rename it, or compress it again`);
    const stream = file.createReadStream({ start: 0 });
    return {
      // The callback is there since a failure is met where the bytes are read.
      bytes: magic === GZIP ? pipeline(stream, createGunzip(), () => undefined) : stream,
      share: () => (size > 0 ? Math.min(1, stream.bytesRead / size) : null),
      isParquet: buffer.toString('latin1') === 'PAR1',
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function refuseFolder(path: string, file: Awaited<ReturnType<typeof open>>): Promise<{ size: number }> {
  const stats = await file.stat();
  if (stats.isDirectory()) throw new ImportError(`${path} is a folder: name a file in it`);
  return stats;
}

function cannotOpen(path: string, error: unknown): ImportError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'you may not read it',
  };
  return new ImportError(`${path} cannot be opened: ${reasons[code] ?? code}`, { cause: error });
}
