import type { estypes } from '@elastic/elasticsearch';
import type { Logger } from '../../logger.js';
import { StoreError } from '../store-error.js';
import type { ElasticsearchConnection } from './connection.js';

/** Under which names the index can be filtered. */
export interface LogFields {
  workloadId: string;
  clientId: string;
}

const PROPERTIES: Properties = {
  workload_id: { type: 'keyword' },
  client_id: { type: 'keyword' },
  timestamp: { type: 'date' },
  // Kept, but not looked into: whatever an application sends there is no error.
  request: { type: 'object', enabled: false },
  response: { type: 'object', enabled: false },
};

/** The blueprint's index, but tolerant: exporters write further top-level fields, which are kept, not indexed. */
const LOG_INDEX = {
  settings: { 'index.mapping.ignore_malformed': true },
  mappings: { dynamic: false, properties: PROPERTIES },
};

const NEEDED = ['workload_id', 'client_id', 'timestamp'];
const KEPT = ['request', 'response'];
const KEYWORDS = new Set(['keyword', 'constant_keyword', 'wildcard']);
const ORDERED = new Set(['date', 'long', 'integer', 'double', 'float']);

type Properties = Record<string, estypes.MappingProperty>;

/** The index of the log records; asked before each use, since an operator may delete it or put another in its place at any time. */
export class LogIndex {
  readonly #connection: ElasticsearchConnection;
  readonly #name: string;
  readonly #logger: Logger;
  #isSaidToBeStrict = false;
  #isSaidToLookInside = false;

  constructor(connection: ElasticsearchConnection, name: string, logger: Logger) {
    this.#connection = connection;
    this.#name = name;
    this.#logger = logger;
  }

  /** Makes the index if it is absent, else finds out how it is mapped, and has it take what exporters write. */
  async ready(): Promise<LogFields> {
    const index = this.#name;
    await this.#connection.ensureIndex(index, LOG_INDEX);
    // Behind an alias there may be several.
    const mappings = await this.#connection.call((client) => client.indices.getMapping({ index }));
    const known = Object.values(mappings).map((each) => each.mappings.properties ?? {});
    const missing = NEEDED.filter((name) => known.some((properties) => !properties[name]));
    if (missing.length > 0) {
      const unknown = KEPT.filter((name) => known.every((properties) => !properties[name]));
      await this.#addFields([...missing, ...unknown]);
      return this.ready();
    }
    if (!known.every((properties) => ORDERED.has(properties['timestamp']?.type ?? ''))) {
      throw unusable(index, 'timestamp', 'a date or a number');
    }
    await this.#loosen(Object.keys(mappings).filter((name) => isStrict(mappings[name])));
    this.#tellOfGuesses(Object.keys(mappings).filter((name) => looksInside(mappings[name])));
    return {
      workloadId: keywordField(index, known, 'workload_id'),
      clientId: keywordField(index, known, 'client_id'),
    };
  }

  /** An index that someone made without a mapping would guess one from its first record. */
  async #addFields(names: string[]): Promise<void> {
    const properties = Object.fromEntries(
      Object.entries(PROPERTIES).filter(([name]) => names.includes(name)),
    );
    await this.#connection.call((client) => client.indices.putMapping({ index: this.#name, properties }));
  }

  /** The blueprint's own index refuses records with further fields, and an exporter that writes into it never hears of it. */
  async #loosen(strict: string[]): Promise<void> {
    for (const index of strict) {
      try {
        await this.#connection.call((client) => client.indices.putMapping({ index, dynamic: false }));
        this.#logger.warn(
          `The index "${index}" refused records with further fields (dynamic: strict), as NeMo Agent Toolkit writes ` +
            'them; from now on it keeps such fields, not indexed (dynamic: false).',
        );
      } catch (error) {
        // The records in it can be read all the same.
        if (!(error instanceof StoreError)) throw error;
        if (!this.#isSaidToBeStrict) this.#logger.warn(staysStrict(index, error.message));
        this.#isSaidToBeStrict = true;
      }
    }
  }

  /** What an exporter made by writing into it cannot be mended in place. */
  #tellOfGuesses(indices: string[]): void {
    if (this.#isSaidToLookInside) return;
    for (const index of indices) {
      this.#logger.warn(guesses(index));
      this.#isSaidToLookInside = true;
    }
  }
}

/** `strict_allow_templates` is one that the client's types do not know. */
const isStrict = (index: estypes.IndicesGetMappingIndexMappingRecord | undefined): boolean =>
  String(index?.mappings.dynamic).startsWith('strict');

/** Whether a request or an answer may be refused for what is in it. */
const looksInside = (index: estypes.IndicesGetMappingIndexMappingRecord | undefined): boolean =>
  KEPT.some((name) => {
    const property = index?.mappings.properties?.[name];
    if (property === undefined) return false;
    const isObject = property.type === undefined || property.type === 'object';
    return !isObject || ('properties' in property && property.properties !== undefined);
  });

const guesses = (index: string): string =>
  `Elasticsearch looks into the requests and answers of the index "${index}", as where an exporter writes before the ` +
  'flywheel has made it: it refuses records in which something is of another form than in those before (the arguments ' +
  `of a tool call may be a text or an object), or has a name beyond the limit of fields. ${copyWith(index)}`;

const staysStrict = (index: string, reason: string): string =>
  `The index "${index}" refuses records with further fields (dynamic: strict), such as a session_id and all that NeMo ` +
  `Agent Toolkit writes, and could not be changed: ${reason} Allow them with ` +
  `PUT /${index}/_mapping {"dynamic": false}.`;

/** Dynamic mapping makes an analysed text with a keyword beneath it; only the keyword compares whole names. */
function keywordField(index: string, known: Properties[], name: string): string {
  const areKeywords = (of: (properties: Properties) => estypes.MappingProperty | undefined) =>
    known.every((properties) => KEYWORDS.has(of(properties)?.type ?? ''));
  if (areKeywords((properties) => properties[name])) return name;
  if (areKeywords((properties) => beneath(properties[name])?.['keyword'])) return `${name}.keyword`;
  throw unusable(index, name, 'a keyword');
}

const beneath = (property: estypes.MappingProperty | undefined): Properties | undefined =>
  property && 'fields' in property ? property.fields : undefined;

const unusable = (index: string, field: string, wanted: string): StoreError =>
  new StoreError(
    `The field "${field}" of the index "${index}" is not mapped as ${wanted}, so its records cannot be selected ` +
      `and ordered. ${copyWith(index)}`,
    { retryable: false },
  );

const copyWith = (index: string): string =>
  'Name an index that does not exist yet in ES_COLLECTION_NAME (it is made at first use), and ' +
  `copy the records with POST /_reindex {"source":{"index":"${index}"},"dest":{"index":"<new index>"}}.`;
