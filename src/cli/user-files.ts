import { existsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { readLogFile } from '../importer/index.js';
import { describe, Problem, WRONG_USE } from './problem.js';

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such folder',
  EISDIR: 'it is a folder; name a file in it',
  EACCES: 'you may not write there',
};

/** A name that is mistyped is told before anything is started, and so is a file without a line. */
export async function requireReadable(file: string): Promise<void> {
  for await (const _ of readLogFile(file)) return;
  throw new Problem(`${file} is empty: it has no log record`);
}

/** Where nothing can be written is told before there is something to write. */
export async function requireWritable(option: string, file: string): Promise<void> {
  const isNew = !existsSync(file);
  try {
    await (await open(file, 'a')).close();
    if (isNew) await rm(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new Problem(`${option} ${file} cannot be written: ${REASONS[code] ?? describe(error)}`, WRONG_USE);
  }
}
