import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** What this process counts, for Prometheus. No label names a client, a workload, a run or a model. */
export const metrics = new Registry();

collectDefaultMetrics({ register: metrics });

const registers = [metrics];
const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const httpRequests = new Histogram({
  name: 'flywheel_http_request_duration_seconds',
  help: 'Requests to the gateway by method, route and status, until they were answered',
  labelNames: ['method', 'route', 'status'],
  buckets: QUICK,
  registers,
});

export const records = new Counter({
  name: 'flywheel_records_total',
  help: 'Log records that were sent: appended, duplicate or rejected',
  labelNames: ['outcome'],
  registers,
});

export const nemoCalls = new Histogram({
  name: 'flywheel_nemo_request_duration_seconds',
  help: 'Calls of NeMo by service, method and outcome: the status, or unreachable',
  labelNames: ['service', 'method', 'outcome'],
  buckets: [...QUICK, 30, 60],
  registers,
});

export const stages = new Histogram({
  name: 'flywheel_stage_duration_seconds',
  help: 'Stages of runs by their outcome, from when they could begin to their end, with all attempts',
  labelNames: ['stage', 'outcome'],
  buckets: [1, 5, 15, 60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400],
  registers,
});
