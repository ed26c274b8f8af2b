import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a process works that keeps nothing: each user of the host has a folder, since production traffic is in it. */
export const temporaryData = (): string => join(tmpdir(), `flywheel-${process.getuid?.() ?? 'user'}`);
