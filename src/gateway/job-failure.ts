import { messageOf } from '../message-of.js';
import { HttpError } from './errors.js';
import { StoreError } from '../stores/store-error.js';

/** Does it; an unforeseen error is a 500 that says so, as the blueprint does. What has its own answer keeps it. */
export async function orFailure<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HttpError || error instanceof StoreError) throw error;
    throw new HttpError(500, `${what}: ${messageOf(error)}`);
  }
}
