import { DefaultLogger, Runtime } from '@temporalio/worker';

// Imported by what starts workers: a test's output is the test's.
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  shutdownSignals: [],
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
});
