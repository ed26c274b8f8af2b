import type { Duration } from '@temporalio/common';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { msToNumber } from '@temporalio/common/lib/time.js';

/** So many times sooner than its workflow asked for is each attempt to ask again for GPUs. */
export const QUICKER = 200_000;

const quicker = (interval: Duration | undefined) => msToNumber(interval ?? 0) / QUICKER;

/** What a bundle has for the workflows in it. */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        const { retry } = input.options;
        if (input.activityType !== 'repeatRequests' || !retry) return next(input);
        const { initialInterval, maximumInterval } = retry;
        const quick = {
          initialInterval: quicker(initialInterval),
          maximumInterval: quicker(maximumInterval),
        };
        return next({ ...input, options: { ...input.options, retry: { ...retry, ...quick } } });
      },
    },
  ],
});
