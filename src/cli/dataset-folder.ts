import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BuiltFiles, DatasetFiles } from '../datasets/index.js';
import type { DatasetDocument } from '../gateway/wire.js';
import { describe, Problem, WRONG_USE } from './problem.js';

/** Tells a folder that was written here from everybody else's. */
const MARK = '.flywheel-datasets';
/** A folder for each dataset, with the files that a run uploads. */
const FOLDERS: Record<keyof DatasetFiles, string> = {
  evaluation: 'evaluation',
  inContext: 'in-context',
  training: 'training',
};
const FUNNEL = 'funnel.json';
const OURS = [...Object.values(FOLDERS), FUNNEL];
const MOST_NAMES = 5;

/** Refuses a folder with anything in it that was not written here, before there is something to write. */
export async function requireOwnFolder(option: string, folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown): string[] => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return [];
    const reason = code === 'ENOTDIR' ? 'it is a file; name a folder' : describe(error);
    throw new Problem(`${option} ${folder} cannot be written: ${reason}`, WRONG_USE);
  });
  const isOurs = names.includes(MARK);
  const foreign = names.filter((name) => name !== MARK && !(isOurs && OURS.includes(name))).sort();
  if (foreign.length === 0) return;
  const shown = foreign.slice(0, MOST_NAMES).join(', ');
  const more = foreign.length > MOST_NAMES ? ` and ${foreign.length - MOST_NAMES} more` : '';
  throw new Problem(
    `${option} ${folder} holds what is not ours (${shown}${more}): name a new or an empty folder, or one that an earlier ` +
      '`flywheel datasets` has written',
    WRONG_USE,
  );
}

/** Writes datasets in the place of those that are there; `funnel.json` comes last. */
export async function writeDatasetFolder(
  folder: string,
  { files }: BuiltFiles,
  document: DatasetDocument,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(
    join(folder, MARK),
    'Written by `flywheel datasets`, which may replace what is beside it.\n',
  );
  for (const name of OURS) await rm(join(folder, name), { recursive: true, force: true });
  for (const [set, name] of Object.entries(FOLDERS) as [keyof DatasetFiles, string][])
    for (const { path, localPath } of files[set]) {
      signal.throwIfAborted();
      const target = join(folder, name, path);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await copyFile(localPath, target);
    }
  await writeFile(join(folder, FUNNEL), `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
}
