import type { RequestHandler } from 'express';
import type { AppendResult } from '../../stores/log-store.js';
import { toHttpError } from '../errors.js';
import { contentTypeOf } from '../json-body.js';
import { Intake } from '../log-intake/intake.js';
import { keepItems } from '../log-intake/keep-items.js';
import { readLogItems } from '../log-intake/log-items.js';
import { unpackedBody } from '../log-intake/unpacked-body.js';
import type { GatewayContext } from '../services.js';

/**
 * `POST /api/logs`: keeps the log records that can be kept, as they come, and says why the others cannot. Where the body
 * breaks or the store fails, the answer says that, and what has been kept by then.
 */
export function postLogs({ logs }: Pick<GatewayContext, 'logs'>, intake = new Intake()): RequestHandler {
  return async (request, response) => {
    const kept: AppendResult = { appended: 0, duplicates: 0, errors: [] };
    const answer = await intake.admit(request, async () => {
      try {
        await keepItems(readLogItems(unpackedBody(request), contentTypeOf(request)), logs, kept);
        return { status: 200, headers: {}, body: kept };
      } catch (error) {
        const known = toHttpError(error);
        if (known === null) throw error;
        return { status: known.status, headers: known.headers, body: { detail: known.detail, ...kept } };
      }
    });
    response.status(answer.status).set(answer.headers).json(answer.body);
  };
}
