import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { errors } from '@elastic/elasticsearch';
import { messageOf } from '../../message-of.js';
import type { RecordPage } from '../../records/page-reader.js';
import { StoreError } from '../store-error.js';
import type { PageBuffers } from './page-buffers.js';

/** The answer to a search as bytes, and where in them the records lie. */
export interface HitPage {
  records: RecordPage;
  hits: number;
  bytes: number;
  /** Sort value of the last hit. */
  last: number | null;
  pit: string | undefined;
}

/** A page with more is asked for again in smaller pieces. */
const MOST_BYTES = 32_000_000;

/** More than we take at once, or than the server's memory has room for. */
export const isTooMuch = (error: unknown): boolean =>
  error instanceof TooMuch ||
  (error instanceof StoreError && error.message.includes('circuit_breaking_exception'));

class TooMuch extends Error {}

type Answer = Omit<ConstructorParameters<typeof errors.ResponseError>[0], 'body'> & { body: unknown };

/** Reads the answer to a search whose query has the name `mark`. It is not parsed: only the ends of hits are found. */
export async function readHits(
  answer: Answer,
  mark: string,
  buffers: PageBuffers,
  whateverSize: boolean,
): Promise<HitPage> {
  // A search `asStream` has no other body.
  const bytes = await readBody(answer.body as Readable, buffers, whateverSize ? Infinity : MOST_BYTES);
  if ((answer.statusCode ?? 500) >= 400) {
    const body: unknown = parsedOrText(bytes.toString());
    throw new errors.ResponseError({ ...answer, body });
  }
  return hitsOf(bytes, mark, buffers.reuse);
}

/** Listens to the chunks: whoever asks for them gets those that have gathered as copies of their bytes. */
async function readBody(
  body: Readable,
  buffers: PageBuffers,
  most: number,
): Promise<Buffer<SharedArrayBuffer>> {
  let bytes = buffers.take();
  let length = 0;
  body.on('data', (chunk: Buffer) => {
    if (length + chunk.length > most) return void body.destroy(new TooMuch(`more than ${most} bytes`));
    if (length + chunk.length > bytes.length) {
      const grown = Buffer.from(new SharedArrayBuffer(bytes.length * 2 + chunk.length));
      bytes.copy(grown, 0, 0, length);
      bytes = grown;
    }
    length += chunk.copy(bytes, length);
  });
  try {
    await finished(body);
  } catch (error) {
    if (error instanceof TooMuch) throw error;
    throw new errors.ConnectionError(messageOf(error));
  }
  return bytes.subarray(0, length);
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const FIRST_HIT = '"hits":[';
const SOURCE = '"_source":';
const SORT = ',"sort":[';
const BEFORE_MARK = ',"matched_queries":["';
const AFTER_MARK = '"]}';

/**
 * `{"_index":…,"_id":…,"_score":null,"_source":{…},"sort":[7],"matched_queries":["<mark>"]}` for each hit: what a
 * record holds can look like the end of a hit, but cannot know the mark.
 */
function hitsOf(bytes: Buffer, mark: string, reuse: PageBuffers['reuse']): HitPage {
  const ids: string[] = [];
  const bounds: number[] = [];
  const head = bytes.indexOf(FIRST_HIT) + FIRST_HIT.length;
  let hits = 0;
  let last: number | null = null;
  let from = head;
  const markBytes = Buffer.byteLength(mark);
  for (let at = bytes.indexOf(mark, from); at !== -1; at = bytes.indexOf(mark, from)) {
    const to = at - BEFORE_MARK.length;
    const sort = bytes.lastIndexOf(SORT, to);
    const source = bytes.indexOf(SOURCE, from);
    last = Number(bytes.toString('latin1', sort + SORT.length, to - 1));
    hits++;
    // An index may have been told to keep no source: a record of nothing, so that it is counted.
    const hasSource = source !== -1 && source < sort;
    ids.push(idOf(bytes.toString('utf8', from, hasSource ? source : sort)));
    bounds.push(hasSource ? source + SOURCE.length : sort, sort);
    from = at + markBytes + AFTER_MARK.length + 1;
  }
  const pit = /"pit_id":"([^"]+)"/.exec(bytes.toString('latin1', 0, head))?.[1];
  const records = { bytes, ids, bounds: Uint32Array.from(bounds), reuse };
  return { records, hits, bytes: bytes.length, last, pit };
}

/** From `{"_index":…,"_id":…,"_score":null,` */
function idOf(head: string): string {
  const { _id } = JSON.parse(`${head.slice(0, head.lastIndexOf(','))}}`) as { _id?: string };
  return _id ?? '';
}
