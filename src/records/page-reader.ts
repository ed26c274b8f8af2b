import { asFields } from './canonical-message.js';
import { type CountedRejections, Rejections } from './collect.js';
import { digester } from './digest.js';
import { type DigestBatch, Digests } from './digests.js';
import { JsonReader } from './json-reader.js';
import type { LineBuffer } from './line-buffer.js';
import { type ReadOptions, recordReader } from './read-record.js';
import { SpoolLines } from './spool-lines.js';
import { textHash } from './json.js';
import { untrainedBy } from './reward.js';
import { TimestampUnits, type UnitCounts } from './timestamp-units.js';

/** Records of a log store as JSON, one behind the other. */
export interface RecordPage {
  /** In memory that threads share, or that is handed over. */
  bytes: Uint8Array;
  /** Under which names the store keeps them. */
  ids: string[];
  /** Where each begins, and where it ends: two numbers a record. One whose content the store has not kept has no bytes. */
  bounds: Uint32Array<ArrayBuffer>;
  /** Takes the bytes back from who has read them, for another page: fresh memory is slow. */
  reuse?: (bytes: Uint8Array) => void;
}

export interface PageReading extends ReadOptions {
  /** Records with a lower reward, or none, are not trained on; null: all are. */
  minReward: number | null;
  workloadId: string;
  clientId: string;
}

/** What became of the records of a page. */
export interface PageResult {
  read: number;
  rejected: CountedRejections;
  units: UnitCounts;
  digests: DigestBatch;
}

/** Reads pages into digests, and into lines for one spool file. Everything that costs time for each record is here. */
export class PageReader {
  private readonly names: PageReading;
  private readonly json = new JsonReader();
  private readonly readRecord: ReturnType<typeof recordReader>;
  private readonly digestOf = digester();
  private readonly spooled: SpoolLines;

  /** `file` is the number of the spool file. */
  constructor(reading: PageReading, file: number) {
    this.names = reading;
    this.readRecord = recordReader(reading);
    this.spooled = new SpoolLines(file);
  }

  /** The lines are added to `lines`, which are to be written to the file before the next page is read. */
  read({ bytes, ids, bounds }: RecordPage, lines: LineBuffer): PageResult {
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const rejections = new Rejections();
    const units = new TimestampUnits();
    const digests = new Digests();
    let read = 0;
    for (const [i, id] of ids.entries()) {
      const raw = this.parse(all.subarray(bounds[i * 2], bounds[i * 2 + 1]));
      if (this.isForeign(raw)) continue;
      read++;
      if (raw === NOT_JSON) {
        rejections.add('not-json', id);
        continue;
      }
      units.add(raw);
      const result = this.readRecord(raw);
      if ('rejected' in result) {
        rejections.add(result.rejected, id);
        continue;
      }
      const place = this.spooled.add(result.record, id, lines);
      const digest = this.digestOf(result.record, untrainedBy(this.names.minReward, raw));
      digests.add(digest, place, parseInt(textHash(id, 8), 16));
    }
    digests.moveOwn(this.spooled.endPage(lines));
    return { read, rejected: rejections.counts(), units: units.counts(), digests: digests.batch() };
  }

  /** A store may hold what is nearly JSON: Elasticsearch takes comments. */
  private parse(json: Buffer): unknown {
    if (json.length === 0) return undefined;
    try {
      return this.json.read(json);
    } catch (error) {
      if (error instanceof SyntaxError) return NOT_JSON;
      throw error;
    }
  }

  /**
   * A store's index may take one name for another: the record belongs to whom it names, and is counted there. One that
   * names nobody, or nobody by a text, is ours to judge.
   */
  private isForeign(raw: unknown): boolean {
    const { workload_id: workloadId, client_id: clientId } = asFields(raw) ?? {};
    return isAnother(workloadId, this.names.workloadId) || isAnother(clientId, this.names.clientId);
  }
}

/** No value of any JSON. */
const NOT_JSON = Symbol('not JSON');

const isAnother = (name: unknown, wanted: string): boolean => typeof name === 'string' && name !== wanted;
