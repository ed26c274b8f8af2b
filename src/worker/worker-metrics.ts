import { metrics } from '../metrics.js';
import type { WorkerMetrics } from './health.js';

/** What this process has counted, and what Temporal's SDK tells at that address. */
export const workerMetrics = (sdkAddress: string): WorkerMetrics => ({
  contentType: metrics.contentType,
  async text() {
    const sdk = await fetch(`http://${sdkAddress}/metrics`);
    return `${await metrics.metrics()}\n${await sdk.text()}`;
  },
});
