import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import { parseBody } from './http-error.js';

const Fault = z.object({
  pathPrefix: z.string().startsWith('/'),
  status: z.number().int().min(400).max(599),
  count: z.number().int().min(1).default(1),
});

/** Failures on request: the next `count` requests to paths below a prefix, on any port, are answered with a status. */
export interface Faults {
  /** `POST /admin/faults` */
  routes: Router;
  /** Answers instead of the service while a fault is armed for the path. */
  inject: RequestHandler;
}

export function createFaults(): Faults {
  const armed: z.infer<typeof Fault>[] = [];
  const routes = Router()
    .post('/admin/faults', (req, res) => {
      armed.push(parseBody(Fault, req.body));
      res.json({ armed });
    })
    .delete('/admin/faults', (_req, res) => {
      armed.length = 0;
      res.json({ armed });
    });
  const inject: RequestHandler = (req, res, next) => {
    const index = armed.findIndex(({ pathPrefix }) => req.path.startsWith(pathPrefix));
    const fault = armed[index];
    if (!fault || req.path.startsWith('/admin/')) return next();
    fault.count -= 1;
    if (fault.count === 0) armed.splice(index, 1);
    res.status(fault.status).json({ detail: `fault injected on request for ${fault.pathPrefix}` });
  };
  return { routes, inject };
}
