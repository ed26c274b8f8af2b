import { appendFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordPage } from '../records/page-reader.js';
import { inBatches, type IncomingRecord, readIncoming } from './incoming-record.js';
import type { AppendResult, ExportQuery, LogStore, WorkloadSummary } from './log-store.js';

interface Workload {
  file: string;
  /** In the order of the file. */
  records: Pick<IncomingRecord, 'id' | 'bytes'>[];
  summary: WorkloadSummary;
}

/**
 * Log records that are read once and kept nowhere: they lie in files of a folder that goes afterwards, and are told
 * apart in memory. It takes and refuses what a store does.
 */
export class ScratchLogs implements Pick<LogStore, 'append' | 'export' | 'workloads'> {
  private readonly folder: string;
  private readonly known = new Set<string>();
  private readonly byName = new Map<string, Workload>();

  /** `folder` is there, and private. */
  constructor(folder: string) {
    this.folder = folder;
  }

  async append(items: readonly unknown[]): Promise<AppendResult> {
    const { records, errors } = readIncoming(items);
    const fresh = records.filter(({ id }) => !this.known.has(id) && this.known.add(id));
    const added = new Map<Workload, string>();
    for (const record of fresh) {
      const workload = this.workloadOf(record);
      workload.records.push({ id: record.id, bytes: record.bytes });
      added.set(workload, (added.get(workload) ?? '') + record.json);
    }
    for (const [{ file }, text] of added) await appendFile(file, text, { mode: 0o600 });
    return { appended: fresh.length, duplicates: records.length - fresh.length, errors };
  }

  async *export({ workloadId, clientId, signal }: ExportQuery): AsyncGenerator<RecordPage> {
    const workload = this.byName.get(JSON.stringify([clientId, workloadId]));
    if (!workload) return;
    const file = await open(workload.file);
    try {
      for (const page of inBatches(workload.records)) {
        signal?.throwIfAborted();
        const sizes = page.map((record) => record.bytes);
        const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
        await file.read(bytes, 0, bytes.length);
        yield { bytes, ids: page.map(({ id }) => id), bounds: boundsOf(sizes) };
      }
    } finally {
      await file.close();
    }
  }

  workloads(): Promise<WorkloadSummary[]> {
    return Promise.resolve([...this.byName.values()].map(({ summary }) => summary));
  }

  private workloadOf({ workloadId, clientId, atMs }: IncomingRecord): Workload {
    const key = JSON.stringify([clientId, workloadId]);
    const known = this.byName.get(key) ?? {
      file: join(this.folder, `logs-${this.byName.size}`),
      records: [],
      summary: { workloadId, clientId, records: 0, firstAt: atMs, lastAt: atMs },
    };
    this.byName.set(key, known);
    known.summary.records++;
    known.summary.firstAt = Math.min(known.summary.firstAt, atMs);
    known.summary.lastAt = Math.max(known.summary.lastAt, atMs);
    return known;
  }
}

function boundsOf(sizes: readonly number[]): RecordPage['bounds'] {
  const bounds = new Uint32Array(sizes.length * 2);
  let end = 0;
  for (const [i, size] of sizes.entries()) bounds.set([end, (end += size)], i * 2);
  return bounds;
}
