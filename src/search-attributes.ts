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
export const keyword = (name: SearchAttributeName, value: string) => ({ key: keywordKey(name), value });

export const keywordKey = (name: SearchAttributeName) =>
  defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
