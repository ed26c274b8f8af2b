import type { RequestHandler } from 'express';
import { rejectedRecords } from '../../metrics.js';
import { appendAs } from '../append-as.js';
import { callerOf } from '../caller.js';
import { bodyOf, contentTypeOf } from '../json-body.js';
import { readLogItems } from '../log-body.js';
import type { GatewayContext } from '../services.js';

/** `POST /api/logs`: keeps the log records that can be kept and says why the others cannot. */
export const postLogs =
  ({ logs }: GatewayContext): RequestHandler =>
  async (request, response) => {
    const { items, errors } = readLogItems(bodyOf(request), contentTypeOf(request));
    rejectedRecords(errors.length);
    const result = await appendAs(
      callerOf(request),
      logs,
      items.map(({ value }) => value),
    );
    const refused = result.errors.map(({ index, reason }) => ({
      index: items[index]?.index ?? index,
      reason,
    }));
    response.json({
      appended: result.appended,
      duplicates: result.duplicates,
      errors: [...errors, ...refused].sort((a, b) => a.index - b.index),
    });
  };
