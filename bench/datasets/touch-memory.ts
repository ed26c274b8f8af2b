import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(256 * 1024, 'x');

/**
 * Writes so many bytes into a file and removes it: a virtual machine gets memory from its host when it is first touched,
 * which takes seconds for each GB and is not what is to be measured.
 */
const folder = mkdtempSync(join(tmpdir(), 'flywheel-bench-'));
const file = openSync(join(folder, 'bytes'), 'w');
for (let left = Number(process.argv[2]); left > 0; left -= CHUNK.length) writeSync(file, CHUNK);
closeSync(file);
rmSync(folder, { recursive: true });
