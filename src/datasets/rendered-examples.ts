import type { CanonicalRecord } from '../records/canonical-record.js';
import { type Example, renderExample, tokensOfExample } from '../records/in-context.js';

/** Characters of the examples that are kept: some thousand of them, and 16 to 32 MB. */
const MOST_CHARACTERS = 16_000_000;

/** Renders training rows as examples, and keeps those that were used last: rows share them, and counting is slow. */
export class RenderedExamples {
  private readonly read: (row: number) => Promise<CanonicalRecord>;
  private readonly most: number;
  /** The one that was used last comes last. */
  private readonly kept = new Map<number, Example>();
  private keptCharacters = 0;

  constructor(read: (row: number) => Promise<CanonicalRecord>, most = MOST_CHARACTERS) {
    this.read = read;
    this.most = most;
  }

  get characters(): number {
    return this.keptCharacters;
  }

  async of(row: number): Promise<Example> {
    const known = this.kept.get(row);
    if (known) {
      this.kept.delete(row);
      this.kept.set(row, known);
      return known;
    }
    const text = renderExample(await this.read(row));
    const example = { text, tokens: tokensOfExample(text) };
    this.keep(row, example);
    return example;
  }

  private keep(row: number, example: Example): void {
    this.kept.set(row, example);
    this.keptCharacters += example.text.length;
    for (const [oldest, { text }] of this.kept) {
      if (this.keptCharacters <= this.most) break;
      this.kept.delete(oldest);
      this.keptCharacters -= text.length;
    }
  }
}
