import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A folder for the files of a test file. */
export function aFolderOfFiles(): {
  write(name: string, content: string | Buffer): Promise<string>;
  path(name: string): string;
} {
  let folder = '';
  let remove = () => Promise.resolve();
  beforeAll(async () => ({ folder, remove } = await temporaryFolder()));
  afterAll(() => remove());
  const at = (name: string) => path.join(folder, name);
  return {
    path: at,
    write: async (name, content) => {
      await writeFile(at(name), content);
      return at(name);
    },
  };
}

/** Writes what a query of DuckDB gives as a Parquet file. */
export async function writeParquet(file: string, query: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}

export const asSql = (text: string): string => `'${text.replaceAll("'", "''")}'`;
