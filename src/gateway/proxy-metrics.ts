import { Counter, Gauge, Registry } from 'prom-client';
import type { LoggingProxy } from '../proxy/index.js';

/** What has become of the records of what this gateway has passed on, for Prometheus; without a proxy there are none. */
export async function proxyMetrics(proxy: LoggingProxy | null): Promise<string> {
  const registry = new Registry();
  const status = await proxy?.status();
  const tell = (name: string, help: string, label: string, counts: Record<string, number> = {}) => {
    const counter = new Counter({ name, help, labelNames: [label], registers: [registry] });
    for (const [value, count] of Object.entries(counts)) counter.inc({ [label]: value }, count);
  };
  const tellNow = (name: string, help: string, count = 0) =>
    new Gauge({ name, help, registers: [registry] }).set(count);

  const { stored = 0, refused = 0, waiting, waiting_bytes } = status?.records ?? {};
  tell('flywheel_proxy_records_total', 'Records by what the store made of them', 'outcome', {
    stored,
    refused,
  });
  tell('flywheel_proxy_dropped_total', 'Records that are lost', 'reason', status?.dropped_by_reason);
  tell('flywheel_proxy_not_logged_total', 'What passed and is no record', 'reason', status?.not_logged);
  tellNow('flywheel_proxy_records_waiting', 'Records that wait on disk for the store', waiting);
  tellNow('flywheel_proxy_waiting_bytes', 'Bytes of records that wait on disk', waiting_bytes);
  return await registry.metrics();
}
