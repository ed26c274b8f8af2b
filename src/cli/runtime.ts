import { DefaultLogger, type LogLevel, type LogMetadata, Runtime } from '@temporalio/worker';

/** What Temporal's parts say, but for the end of a worker: that is told in our own words. */
class TemporalLogger extends DefaultLogger {
  override log(level: LogLevel, message: string, meta?: LogMetadata): void {
    if (message !== 'Worker failed') super.log(level, message, meta);
  }
}

/** Once in a process, before its worker is made. `metricsAddress`: where Temporal's own metrics are served. */
export function installRuntime(metricsAddress: string | null): void {
  Runtime.install({
    // We stop our parts in order ourselves.
    shutdownSignals: [],
    logger: new TemporalLogger('ERROR'),
    telemetryOptions: {
      logging: { filter: 'ERROR', forward: {} },
      ...(metricsAddress !== null && { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
  });
}
