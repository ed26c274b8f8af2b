import type { DatasetDocument } from '../gateway/wire.js';

/** What became of the records, a line for each step: how many, of what, and a few of them. */
export function funnelTable({ funnel }: DatasetDocument): string {
  const { rejected, examples } = funnel;
  const steps: { step: string; count: number; some?: string[] | undefined }[] = [
    { step: 'read', count: funnel.read },
    ...rejected.map(({ reason, count, examples: some }) => ({ step: `left out, ${reason}`, count, some })),
    { step: 'duplicates', count: funnel.duplicates, some: examples?.duplicates },
    { step: 'of which with another answer', count: funnel.conflicts, some: examples?.conflicts },
    { step: 'beyond the newest limit', count: funnel.beyond_limit, some: examples?.beyond_limit },
    { step: 'to evaluate on', count: funnel.evaluation },
    { step: 'to train on', count: funnel.training },
    { step: 'to validate on', count: funnel.validation },
    ...funnel.untrained.map(({ reason, count, examples: some }) => ({
      step: `neither, ${reason}`,
      count,
      some,
    })),
    ...(funnel.near_duplicates === null
      ? []
      : [
          {
            step: 'in conversations with near-duplicates',
            count: funnel.near_duplicates.records,
            some: examples?.near_duplicates,
          },
        ]),
  ];
  const width = Math.max(...steps.map(({ count }) => String(count).length));
  return steps
    .map(({ step, count, some = [] }) => {
      const shown = some.length > 0 ? ` (${some.join(', ')})` : '';
      return `${String(count).padStart(width)}  ${step}${shown}`;
    })
    .join('\n');
}

/** How many rows call which tool, a line for each set. */
export const toolLines = ({ tools }: DatasetDocument): string[] =>
  Object.entries(tools).map(([set, counts]) => {
    const listed = Object.entries(counts).map(([tool, count]) => `${count} ${tool}`);
    return `${set}: ${listed.join(', ') || 'no rows'}`;
  });
