import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ImportError } from './import-error.js';
import { readLines } from './read-lines.js';

/** What stands in one line: a JSON value that took `bytes`, or why it could not be read. */
export type LogLine = { line: number; record: unknown; bytes: number } | { line: number; error: string };

const GZIP = '1f8b';
const UTF16 = new Set(['fffe', 'feff']);
/** Dropping a byte order mark is what this decoder does by default. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a file of one JSON value a line, gzip or plain, without ever holding it whole. Blank lines are skipped, a line
 * that cannot be read is told with its number; an ImportError where the file itself cannot be read.
 */
export async function* readLogFile(path: string): AsyncGenerator<LogLine> {
  const bytes = await openBytes(path);
  for await (const { line, text, last } of readLines(bytes)) {
    if (typeof text === 'string') yield { line, error: text };
    else if (!isBlank(text)) yield parseLine(line, text, last);
  }
}

/** The file's bytes, unpacked where they are gzip, whatever the name says. */
async function openBytes(path: string): Promise<AsyncIterable<Buffer>> {
  const file = await open(path).catch((error: unknown) => {
    throw cannotOpen(path, error);
  });
  try {
    if ((await file.stat()).isDirectory()) throw new ImportError(`${path} is a folder: name a file in it`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    const magic = buffer.toString('hex');
    if (UTF16.has(magic)) throw new ImportError(`${path} is UTF-16 text: save it as UTF-8`);
    if (magic !== GZIP && path.endsWith('.gz') && bytesRead > 0) {
      throw new ImportError(`${path} is named .gz but is not gzip: rename it, or compress it again`);
    }
    const stream = file.createReadStream({ start: 0 });
    // The callback is there since a failure is met where the lines are read.
    return magic === GZIP ? pipeline(stream, createGunzip(), () => undefined) : stream;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function cannotOpen(path: string, error: unknown): ImportError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'you may not read it',
  };
  return new ImportError(`${path} cannot be opened: ${reasons[code] ?? code}`, { cause: error });
}

const isBlank = (text: Buffer): boolean => text.length < 1000 && text.toString().trim() === '';

function parseLine(line: number, text: Buffer, last: boolean): LogLine {
  try {
    return { line, record: JSON.parse(UTF8.decode(text)), bytes: text.length };
  } catch (error) {
    const where = last ? ' (the file ends within this line: it may have been cut)' : '';
    const why = error instanceof SyntaxError ? `not JSON: ${error.message}` : 'not UTF-8 text';
    return { line, error: why + where };
  }
}
