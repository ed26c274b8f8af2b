import { markedNumber, withoutMark } from '../../../records/long-numbers.js';
import { asFields, asList, type Fields, firstOf, isFields, isText } from '../../values.js';

/** A list of OTLP's key and value pairs as an object. */
export const attributesOf = (list: unknown, levels = MAX_LEVELS): Fields =>
  Object.fromEntries(
    asList(list)
      .map(asFields)
      .filter(({ key }) => isText(key))
      .map(({ key, value }) => [key, anyValue(value, levels)]),
  );

/** No real value is nested deeper. */
const MAX_LEVELS = 60;

/**
 * What an `AnyValue` of OTLP's JSON holds; its whole numbers are texts.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function anyValue(value: unknown, levels = MAX_LEVELS): unknown {
  const fields = asFields(value);
  if (levels === 0) return undefined;
  if (fields['intValue'] !== undefined) return wholeNumber(fields['intValue']);
  if (isFields(fields['arrayValue']))
    return asList(fields['arrayValue']['values']).map((one) => anyValue(one, levels - 1));
  if (isFields(fields['kvlistValue'])) return attributesOf(fields['kvlistValue']['values'], levels - 1);
  return firstOf(fields, 'stringValue', 'boolValue', 'doubleValue', 'bytesValue');
}

const wholeNumber = (value: unknown): unknown =>
  typeof value === 'string' ? markedNumber(withoutMark(value)) : value;

/** Epoch milliseconds of OTLP's nanoseconds; undefined where there is no time. */
export function millisecondsOf(nanoseconds: unknown): number | undefined {
  const text = typeof nanoseconds === 'string' ? withoutMark(nanoseconds) : JSON.stringify(nanoseconds);
  return /^[1-9]\d{0,19}$/.test(text) ? Number(BigInt(text) / 1_000_000n) : undefined;
}

/** One span, or one log record, with what stands above it. */
export interface Entry {
  fields: Fields;
  attributes: Fields;
  resource: Fields;
}

/** The spans or log records of an OTLP document. */
export function entriesOf(document: Fields, signal: 'Spans' | 'Logs'): Entry[] {
  const leaf = signal === 'Spans' ? 'spans' : 'logRecords';
  return asList(document[`resource${signal}`])
    .map(asFields)
    .flatMap((group) => {
      const resource = attributesOf(asFields(group['resource'])['attributes']);
      return asList(group[`scope${signal}`])
        .flatMap((scope) => asList(asFields(scope)[leaf]))
        .map(asFields)
        .map((fields) => ({ fields, attributes: attributesOf(fields['attributes']), resource }));
    });
}
