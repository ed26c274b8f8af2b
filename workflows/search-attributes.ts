import { upsertSearchAttributes } from '@temporalio/workflow';
import { keyword } from '../src/search-attributes.js';

/** Lets runs be found by their state: `FlywheelStatus = "running"`. */
export const showStatus = (status: string): void =>
  upsertSearchAttributes([keyword('FlywheelStatus', status)]);
