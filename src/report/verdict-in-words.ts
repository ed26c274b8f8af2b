import type { ExperimentKind } from '../run-record.js';
import type { ExperimentResult, SliceResult } from './verdict.js';

const NAMES: Record<ExperimentKind, string> = {
  base: 'as it is',
  icl: 'with in-context examples',
  customized: 'customized',
};

/** The verdict on an experiment in one sentence: every figure with its n, its interval and what failed. */
export function inWords({ kind, word, slices, furtherSamples }: ExperimentResult, target: number): string {
  const measured = slices.map(sliceInWords).join(' and ');
  const more = furtherSamples === null ? '' : `: ${furtherSamples} more samples would decide`;
  return `${NAMES[kind]}: ${measured}; ${word} at ${percent(target)} %${more}`;
}

const sliceInWords = (slice: SliceResult): string =>
  slice.type === 'tool-calling' ? callsInWords(slice) : ratingsInWords(slice);

function callsInWords({ value, interval, n, failed, difference }: SliceResult): string {
  if (value === null) return `none of ${failed} tool calls could be scored`;
  const change = difference && againstBase(difference, percent);
  return (
    `agrees with production on ${percent(value)} %${bounds(interval, percent)} of ${n} tool calls` +
    `${change ?? ''}${lost(failed)}`
  );
}

function ratingsInWords({ value, interval, n, failed, difference }: SliceResult): string {
  if (value === null) return `none of ${failed} plain answers could be rated`;
  const change = difference && againstBase(difference, ofTen);
  return (
    `rated ${ofTen(value)} of 10${bounds(interval, ofTen)} against production on ${n} plain answers` +
    `${change ?? ''}${lost(failed)}`
  );
}

type Format = (share: number) => string;

const percent: Format = (share) => `${Math.round(share * 100)}`;
const ofTen: Format = (share) => (share * 10).toFixed(1);

const bounds = (interval: [number, number] | null, format: Format): string =>
  interval ? ` [${interval.map(format).join(', ')}]` : '';

const lost = (failed: number): string => (failed > 0 ? ` (${failed} more failed)` : '');

function againstBase({ value, interval }: NonNullable<SliceResult['difference']>, format: Format): string {
  return ` (${value < 0 ? '' : '+'}${format(value)}${bounds(interval, format)} against base)`;
}
