import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { SearchAttributeName } from './contract.js';

export const keyword = (name: SearchAttributeName, value: string) => ({
  key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
  value,
});

/** Lets runs be found by their state: `FlywheelStatus = "running"`. */
export const showStatus = (status: string): void =>
  upsertSearchAttributes([keyword('FlywheelStatus', status)]);
