import type { RunRecord, RunStatus } from '../../run-record.js';
import type { OfClients } from '../clients.js';
import { fromCursor, nextSequence, type RunPosition, toCursor } from '../run-position.js';
import {
  always,
  type ListedRun,
  type MayReplace,
  NOT_LISTED,
  type PutOutcome,
  type RunFilter,
  type RunPage,
  type RunStore,
} from '../run-store.js';
import { StoreError } from '../store-error.js';
import { type ElasticsearchConnection, SOON } from './connection.js';
import { eachBucket } from './each-bucket.js';

interface RunDocument<T = RunRecord> {
  sequence: number;
  run_id: string;
  status: string;
  workload_id: string;
  client_id: string;
  run: T;
}

type ListedDocument = RunDocument<ListedRun>;

interface StatusCounts {
  statuses: { buckets: { key: string; doc_count: number }[] };
}

interface LastRun {
  last: { hits: { hits: { _source?: ListedDocument }[] } };
}

const KEYWORD = { type: 'keyword' as const };
const RUN_INDEX = {
  mappings: {
    dynamic: false,
    properties: {
      sequence: { type: 'long' as const },
      run_id: KEYWORD,
      status: KEYWORD,
      workload_id: KEYWORD,
      client_id: KEYWORD,
      run: { type: 'object' as const, enabled: false },
    },
  },
};

const ABSENT = { ignore: [404] };
const CONFLICT = 409;
const FORBIDDEN = 403;
/** Each lost round means that another writer won one. */
const PUT_ROUNDS = 100;
const PAGE_RUNS = 200;
const AS_LISTED = { excludes: NOT_LISTED.map((name) => `run.${name}`) };

export class ElasticsearchRunStore implements RunStore {
  readonly #connection: ElasticsearchConnection;
  readonly #index: string;

  constructor(connection: ElasticsearchConnection, index: string) {
    this.#connection = connection;
    this.#index = index;
  }

  put(run: RunRecord, may?: MayReplace): Promise<PutOutcome> {
    return untilWritten(run, async () => {
      const outcome = await this.#replace(run, may);
      if (outcome !== 'absent') return outcome;
      return (await this.create(run)) ? 'inserted' : 'lost';
    });
  }

  async create(run: RunRecord): Promise<boolean> {
    await this.#ensureIndex();
    return await this.#write(run, nextSequence(), { op_type: 'create' });
  }

  async replace(run: RunRecord, may?: MayReplace): Promise<boolean> {
    return (await untilWritten(run, () => this.#replace(run, may))) === 'replaced';
  }

  async get(runId: string): Promise<RunRecord | null> {
    const found = await this.#read(runId);
    return found._source?.run ?? null;
  }

  async list(filter: RunFilter = {}): Promise<RunPage> {
    const limit = filter.limit ?? Infinity;
    const documents: ListedDocument[] = [];
    await this.#refresh();
    let after = filter.cursor === undefined ? undefined : fromCursor(filter.cursor);
    for (;;) {
      // One more than wanted tells whether there is a next page.
      const size = Math.min(PAGE_RUNS, limit - documents.length + 1);
      const page = await this.#search(filter, after, size);
      documents.push(...page);
      if (page.length < size || documents.length > limit) break;
      after = positionOf(documents.at(-1));
    }
    const shown = documents.slice(0, limit);
    const last = documents.length > shown.length ? positionOf(shown.at(-1)) : undefined;
    return { runs: shown.map((document) => document.run), nextCursor: last ? toCursor(last) : null };
  }

  async countByStatus(): Promise<Partial<Record<RunStatus, number>>> {
    const aggs = { statuses: { terms: { field: 'status', size: 20 } } };
    await this.#refresh();
    const { aggregations } = await this.#connection.call((client) =>
      client.search<unknown, StatusCounts>(
        { index: this.#index, ignore_unavailable: true, size: 0, track_total_hits: false, aggs },
        SOON,
      ),
    );
    const buckets = aggregations?.statuses.buckets ?? [];
    return Object.fromEntries(buckets.map(({ key, doc_count }) => [key, doc_count]));
  }

  async lastRuns(of: OfClients = {}): Promise<ListedRun[]> {
    const last = {
      top_hits: {
        size: 1,
        sort: [{ sequence: { order: 'desc' as const } }, { run_id: { order: 'desc' as const } }],
        _source: AS_LISTED,
      },
    };
    const fields = { workloadId: 'workload_id', clientId: 'client_id' };
    const question = { ...of, index: this.#index, fields, size: PAGE_RUNS, aggs: { last } };
    await this.#refresh();
    const buckets = await eachBucket<LastRun>(this.#connection, question);
    return buckets.flatMap((bucket) => bucket.last.hits.hits.flatMap((hit) => hit._source?.run ?? []));
  }

  async delete(runId: string): Promise<void> {
    await this.#connection.call((client) => client.delete({ index: this.#index, id: runId }, ABSENT));
  }

  async ping(): Promise<void> {
    await this.#ensureIndex();
    await this.#connection.awaitYellow(this.#index);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** A document written into an index that is not there would bring a guessed mapping with it. */
  async #ensureIndex(): Promise<void> {
    await this.#connection.ensureIndex(this.#index, RUN_INDEX);
  }

  /**
   * Lets searches find what was written: they are few, and runs that record each of their steps many. Who may not
   * (the privilege is `maintenance`) finds what is a second old.
   */
  async #refresh(): Promise<void> {
    const question = { index: this.#index, ignore_unavailable: true };
    await this.#connection.call((client) =>
      client.indices.refresh(question, { ignore: [FORBIDDEN], ...SOON }),
    );
  }

  #read(runId: string) {
    return this.#connection.call((client) =>
      client.get<RunDocument>({ index: this.#index, id: runId }, { ...ABSENT, ...SOON }),
    );
  }

  /** Replaces the record and keeps its place in the order. */
  async #replace(run: RunRecord, may: MayReplace = always): Promise<'replaced' | 'kept' | 'absent' | 'lost'> {
    const { _source: before, _seq_no, _primary_term } = await this.#read(run.runId);
    if (!before || _seq_no === undefined || _primary_term === undefined) return 'absent';
    if (!may(before.run)) return 'kept';
    const asRead = { if_seq_no: _seq_no, if_primary_term: _primary_term };
    return (await this.#write(run, before.sequence, asRead)) ? 'replaced' : 'lost';
  }

  async #write(
    run: RunRecord,
    sequence: number,
    condition: { op_type: 'create' } | { if_seq_no: number; if_primary_term: number },
  ): Promise<boolean> {
    const { runId: id, status, workloadId: workload_id, clientId: client_id } = run;
    const document: RunDocument = { sequence, run_id: id, status, workload_id, client_id, run };
    const answer = await this.#connection.call((client) =>
      client.index({ index: this.#index, id, document, ...condition }, { ignore: [CONFLICT], meta: true }),
    );
    return answer.statusCode !== CONFLICT;
  }

  async #search(filter: RunFilter, after: RunPosition | undefined, size: number): Promise<ListedDocument[]> {
    const order = filter.order === 'newest-first' ? 'desc' : 'asc';
    const { hits } = await this.#connection.call((client) =>
      client.search<ListedDocument>(
        {
          index: this.#index,
          ignore_unavailable: true,
          size,
          query: { bool: { filter: termsOf(filter) } },
          sort: [{ sequence: { order } }, { run_id: { order } }],
          track_total_hits: false,
          _source: AS_LISTED,
          ...(after ? { search_after: [after.sequence, after.runId] } : {}),
        },
        SOON,
      ),
    );
    return hits.hits.flatMap((hit) => hit._source ?? []);
  }
}

/** Tries again for as long as another writer was faster: then the attempt is lost. */
async function untilWritten<T extends string>(
  { runId }: RunRecord,
  attempt: () => Promise<T | 'lost'>,
): Promise<T> {
  for (let round = 0; round < PUT_ROUNDS; round++) {
    const outcome = await attempt();
    if (outcome !== 'lost') return outcome;
  }
  throw new StoreError(`The record of run ${runId} is being written by too many at once`, {
    retryable: true,
  });
}

const positionOf = (document: ListedDocument | undefined): RunPosition | undefined =>
  document && { sequence: document.sequence, runId: document.run_id };

const termsOf = ({ status, workloadId, clientId, clientIds }: RunFilter) => [
  ...Object.entries({ status, workload_id: workloadId, client_id: clientId }).flatMap(([field, value]) =>
    value === undefined ? [] : [{ term: { [field]: value } }],
  ),
  ...(clientIds === undefined ? [] : [{ terms: { client_id: [...clientIds] } }]),
];
