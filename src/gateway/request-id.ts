import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { type Logger, withLogFields } from '../logger.js';

const SANE = /^[\w.:-]{1,128}$/;

/** Names the request in its answer and in each line of log that it causes; its own id is taken if it is a name. */
export const nameRequest =
  (logger: Logger): RequestHandler =>
  (request, response, next) => {
    const given = request.get('X-Request-Id');
    const requestId = given !== undefined && SANE.test(given) ? given : randomUUID();
    response.set('X-Request-Id', requestId);
    withLogFields({ requestId }, () => {
      const begun = performance.now();
      const { method, path } = request;
      const end = () => {
        const { statusCode: status, writableFinished: isAnswered } = response;
        const ms = Math.round(performance.now() - begun);
        logger.info({ method, path, status, ms }, isAnswered ? 'request' : 'request without an answer');
      };
      // An event has the fields of whoever caused it, and that is no request.
      response.on('close', AsyncResource.bind(end));
      next();
    });
  };
