import type { estypes } from '@elastic/elasticsearch';
import { StoreError } from '../store-error.js';
import { reasonOf } from './connection.js';

/** What has become of a record: `refused` says why it alone is at fault. */
type BulkOutcome = 'appended' | 'duplicate' | { refused: string };

const DUPLICATE = 409;
const APPENDED = new Set([200, 201]);
/** The record is not what the index is mapped for. */
const OF_THE_RECORD = new Set([
  'document_parsing_exception',
  'mapper_parsing_exception',
  'strict_dynamic_mapping_exception',
]);
/** Of what is also said where an alias has no index to write to, or an ingest pipeline is not there. */
const ILLEGAL_ARGUMENT = 'illegal_argument_exception';
const OWN_FAULT = /\bLimit of |immense term|merge a non object mapping|cannot be changed from type/i;

/**
 * Reads what a bulk request says of one record. It throws where the record is not at fault, such as one for an index that is
 * blocked or closed, or that the user may not write to: once that is mended it is taken, and must not be given up before.
 */
export function bulkOutcome(index: string, item: estypes.BulkResponseItem | undefined): BulkOutcome {
  const { status, error } = item ?? {};
  if (status === DUPLICATE) return 'duplicate';
  if (error && isOfTheRecord(error)) return { refused: refusal(index, reasonOf(error)) };
  if (error || !APPENDED.has(status ?? 0))
    throw notTaken(index, error ? reasonOf(error) : `of a record it says status ${status ?? 'none'}`);
  return 'appended';
}

const isOfTheRecord = ({ type, reason }: estypes.ErrorCause): boolean =>
  OF_THE_RECORD.has(type ?? '') || (type === ILLEGAL_ARGUMENT && OWN_FAULT.test(reason ?? ''));

const notTaken = (index: string, reason: string): StoreError =>
  new StoreError(
    `Elasticsearch takes no records into the index "${index}" at the moment, or not all: ${reason}. ` +
      'Append them again once it does: what is there already is not added twice.',
    { retryable: true },
  );

function refusal(index: string, reason: string): string {
  const advice = reason.includes('strict_dynamic_mapping_exception')
    ? `. The index takes no further fields; allow them with PUT /${index}/_mapping {"dynamic": false}`
    : '';
  return `Elasticsearch refused it: ${reason}${advice}`;
}
