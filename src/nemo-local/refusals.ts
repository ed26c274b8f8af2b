import type { RequestHandler } from 'express';
import { HttpError, unprocessable } from './http-error.js';

/** Refuses a request whose `Host` is none: answers carry addresses made of it. */
export const refuseOddHosts: RequestHandler = (req, _res, next) => {
  const host = req.get('host') ?? '';
  if (!URL.canParse(`http://${host}/`)) throw new HttpError(400, `the header Host names no host: ${host}`);
  next();
};

/** Far beyond what anybody means, and far below what overflows the stack of code that goes into a value step by step. */
const DEEPEST = 200;

/** Refuses a JSON body that is nested deeper than anything here can read. */
export const refuseDeepBodies: RequestHandler = (req, _res, next) => {
  const body: unknown = req.body;
  let level = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw unprocessable(['body'], `is nested deeper than ${DEEPEST} levels`);
    level = level.filter((value) => typeof value === 'object' && value !== null).flatMap(Object.values);
  }
  next();
};
