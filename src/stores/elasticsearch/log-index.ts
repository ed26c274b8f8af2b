import type { estypes } from '@elastic/elasticsearch';
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
const KEYWORDS = new Set(['keyword', 'constant_keyword', 'wildcard']);
const ORDERED = new Set(['date', 'long', 'integer', 'double', 'float']);

type Properties = Record<string, estypes.MappingProperty>;

/**
 * Makes the index if it is absent, else finds out how it is mapped; asked before each use, since an operator may
 * delete the index or put another in its place at any time.
 */
export async function readyLogIndex(connection: ElasticsearchConnection, index: string): Promise<LogFields> {
  await connection.ensureIndex(index, LOG_INDEX);
  const mappings = await connection.call((client) => client.indices.getMapping({ index }));
  // Behind an alias there may be several.
  const known = Object.values(mappings).map((each) => each.mappings.properties ?? {});
  const missing = NEEDED.filter((name) => known.some((properties) => !properties[name]));
  if (missing.length > 0) {
    await addFields(connection, index, missing);
    return readyLogIndex(connection, index);
  }
  if (!known.every((properties) => ORDERED.has(properties['timestamp']?.type ?? ''))) {
    throw unusable(index, 'timestamp', 'a date or a number');
  }
  return {
    workloadId: keywordField(index, known, 'workload_id'),
    clientId: keywordField(index, known, 'client_id'),
  };
}

/** An index that someone made without a mapping would guess one from its first record. */
async function addFields(connection: ElasticsearchConnection, index: string, names: string[]): Promise<void> {
  const properties = Object.fromEntries(Object.entries(PROPERTIES).filter(([name]) => names.includes(name)));
  await connection.call((client) => client.indices.putMapping({ index, properties }));
}

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
      'and ordered. Name an index that does not exist yet in ES_COLLECTION_NAME (it is made at first use), and ' +
      `copy the records with POST /_reindex {"source":{"index":"${index}"},"dest":{"index":"<new index>"}}.`,
    { retryable: false },
  );
