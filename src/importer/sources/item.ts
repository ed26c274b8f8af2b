/**
 * A value of a file, by its number from 1, that took `bytes` there; or why there is none. Long numbers in it are marked
 * (`parseMarked`).
 */
export type Item = { at: number; value: unknown; bytes: number } | { at: number; error: string };

/** What a table begins with. */
export interface Header {
  columns: string[];
}

/** A file that is open: its values, to be read once. */
export interface Source {
  /** What the numbers count. */
  unit: 'line' | 'item' | 'row';
  items: AsyncIterable<Item | Header>;
  /** How much has been read, from 0 to 1; null where the file does not say how long it is. */
  share(): number | null;
}

/** Longer values are told, not read. */
export const MAX_BYTES = 64_000_000;

/** Dropping a byte order mark is what this decoder does by default. */
export const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The rest of a file is lost; what was read before is good and already on its way. */
export const damage = (error: unknown): string =>
  `the file is cut or damaged here (${reasonOf(error)}); the rest was not read`;

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
