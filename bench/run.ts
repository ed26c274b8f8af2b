import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// npm run bench -- NAME [options]: every .ts file beside this one is a benchmark, whose first line says what it measures.

const folder = import.meta.dirname;
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -'.ts'.length));
const name = process.argv[2];

if (name !== undefined && names.includes(name)) {
  await import(`./${name}.ts`);
} else {
  if (name !== undefined) console.error(`There is no benchmark ${name}.\n`);
  console.log('npm run bench -- NAME [options]\n');
  for (const each of names) console.log(`  ${each.padEnd(15)} ${firstLine(each)}`);
  process.exitCode = name === undefined ? 0 : 1;
}

function firstLine(bench: string): string {
  const [line = ''] = readFileSync(join(folder, `${bench}.ts`), 'utf8').split('\n');
  return line.replace(/^\/\/ /, '');
}
