import type { Fields } from '../../../src/importer/values.js';

/** A value as OTLP's JSON writes it. */
export function anyValue(value: unknown): Fields {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: pairs(value as Fields) } };
}

const pairs = (fields: Fields) =>
  Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ({ key, value: anyValue(value) }));

const RESOURCE = { attributes: pairs({ 'service.name': 'shop' }) };

export const SPAN = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' };

/** 2026-01-05T08:00:00.123Z */
export const NANOSECONDS = '1767600000123000000';

export const span = (attributes: Fields, more: Fields = {}): Fields => ({
  ...SPAN,
  name: 'chat gpt-4o',
  kind: 3,
  startTimeUnixNano: NANOSECONDS,
  endTimeUnixNano: '1767600001123000000',
  attributes: pairs(attributes),
  status: {},
  ...more,
});

export const event = (name: string, attributes: Fields): Fields => ({
  name,
  timeUnixNano: NANOSECONDS,
  attributes: pairs(attributes),
});

export const logRecord = (name: string, body: Fields, attributes: Fields = {}): Fields => ({
  ...SPAN,
  eventName: name,
  timeUnixNano: NANOSECONDS,
  body: anyValue(body),
  attributes: pairs(attributes),
});

export const spansDocument = (...spans: Fields[]): Fields => ({
  resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ scope: { name: 'test' }, spans }] }],
});

export const logsDocument = (...logRecords: Fields[]): Fields => ({
  resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ scope: { name: 'test' }, logRecords }] }],
});
