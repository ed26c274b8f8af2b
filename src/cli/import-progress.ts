import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import type { ImportProgress } from '../importer/index.js';

const BAR = 24;

/** Progress of an import for people: a bar where the file's length is known, and what became of its records. */
export function importProgressLine({ share, ...counts }: ImportProgress): string {
  const { appended, duplicates, rejectedCount } = counts;
  const parts = [
    `${count(appended)} imported`,
    ...(duplicates > 0 ? [`${count(duplicates)} already there`] : []),
    ...(rejectedCount > 0 ? [`${count(rejectedCount)} rejected`] : []),
  ];
  return `${share === null ? '' : `${bar(share)} `}${parts.join(', ')}`;
}

function bar(share: number): string {
  const full = Math.floor(share * BAR);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${percent} %`;
}

const count = (value: number): string => value.toLocaleString('en');

/** Shows progress in a terminal, and nowhere else. */
export class ImportBar {
  readonly #update: ReturnType<typeof createLogUpdate> | null;

  constructor(terminal: WriteStream) {
    this.#update = terminal.isTTY ? createLogUpdate(terminal) : null;
  }

  show = (progress: ImportProgress): void => this.#update?.(importProgressLine(progress));

  /** A line between, which stays. */
  say = (line: string): void => {
    if (this.#update) this.#update.persist(line);
    else console.error(line);
  };

  clear(): void {
    this.#update?.clear();
    this.#update?.done();
  }
}
