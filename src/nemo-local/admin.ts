import { Router } from 'express';
import { stateOf } from './admin-state.js';
import { Fault } from './fault-schema.js';
import { parseBody } from './http-error.js';
import type { Platform } from './platform.js';

/**
 * `GET /admin/state`: everything that exists here and costs something, for audits. `/admin/faults`: failures on request,
 * armed by POST, listed by GET, taken back by DELETE.
 */
export function adminRoutes(platform: Platform): Router {
  const { faults } = platform;
  return Router()
    .get('/admin/state', (_req, res) => void res.json(stateOf(platform)))
    .get('/admin/faults', (_req, res) => void res.json(faults.list()))
    .post('/admin/faults', (req, res) => {
      const body: unknown = req.body;
      const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
      faults.arm(parseBody(Fault, isObject ? { on: 'request', ...body } : body));
      res.json(faults.list());
    })
    .delete('/admin/faults', (_req, res) => {
      faults.disarm();
      res.json(faults.list());
    });
}
