import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { httpRequests } from '../metrics.js';

/** Measures each request that was answered, under its route: paths would be without number. */
export const measure: RequestHandler = (request, response, next) => {
  const stop = httpRequests.startTimer();
  response.on('finish', () => {
    stop({ method: methodOf(request), route: routeOf(request), status: String(response.statusCode) });
  });
  next();
};

const METHODS = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'];
const methodOf = ({ method }: Request): string => (METHODS.includes(method) ? method : 'other');

/** Express types the route of a request as anything. */
const routed = z.object({ path: z.string() });

/** What passes on to the upstream of the proxy has no route, but what it is mounted at. */
export const routeOf = (request: Request): string =>
  routed.safeParse(request.route).data?.path ?? (request.baseUrl || 'none');
