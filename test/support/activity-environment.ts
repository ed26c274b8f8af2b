import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

export type ActivityInfo = NonNullable<ConstructorParameters<typeof MockActivityEnvironment>[0]>;

const errors = new DefaultLogger('ERROR');

/** Where an activity runs as in a worker, and prints only errors of what a worker would log; `logged` is told its warnings. */
export const anActivityEnvironment = (
  info: ActivityInfo = {},
  logged: (message: string) => void = () => undefined,
): MockActivityEnvironment =>
  new MockActivityEnvironment(
    { scheduledTimestampMs: Date.now(), ...info },
    {
      logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
        level === 'WARN' ? logged(message) : errors.log(level, message, meta),
      ),
    },
  );
