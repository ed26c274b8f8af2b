import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

// Runs in the workflow sandbox too.

/** Keyword search attributes; registered by the first process that starts. */
export const SEARCH_ATTRIBUTES = [
  'FlywheelWorkloadId',
  'FlywheelClientId',
  'FlywheelStatus',
  'FlywheelModel',
] as const;
type SearchAttributeName = (typeof SEARCH_ATTRIBUTES)[number];

/** A search attribute with its value, as starting a workflow and changing it take it. */
export const keyword = (name: SearchAttributeName, value: string) => ({
  key: keywordKey(name),
  value: storable(value),
});

/** Of a longer value, or one with a NUL, a Temporal over PostgreSQL or MySQL would keep none, and list the workflow nowhere. */
const storable = (value: string): string => [...value.replaceAll('\0', '')].slice(0, 255).join('');

export const keywordKey = (name: SearchAttributeName) =>
  defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
