import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** A recorded history as the server prints it (`temporal workflow show --output json`), one file each, gzipped. */
export interface RecordedHistory {
  name: string;
  history: {
    events: {
      eventType: string;
      workflowExecutionStartedEventAttributes?: { workflowId?: string; workflowType?: { name?: string } };
      [attributes: string]: unknown;
    }[];
  };
}

export const HISTORIES_FOLDER = fileURLToPath(new URL('histories/', import.meta.url));

export const recordedHistories = (): RecordedHistory[] =>
  readdirSync(HISTORIES_FOLDER)
    .filter((file) => file.endsWith('.json.gz'))
    .sort()
    .map((file) => ({
      name: file.replace('.json.gz', ''),
      history: JSON.parse(
        gunzipSync(readFileSync(HISTORIES_FOLDER + file)).toString(),
      ) as RecordedHistory['history'],
    }));
