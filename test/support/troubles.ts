import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import type { Activities } from '../../activities/contract.js';

export type ActivityName = keyof Activities;
/** Before it acts, or after it acted but before its answer arrives. */
export type Point = 'before' | 'after';

/** How calls of an activity fail: the next one in passing, at that point, or every one, for good. */
export const WAYS = ['before', 'after', 'for good'] as const;
export type Way = (typeof WAYS)[number];

/** What happens to calls of an activity. */
export interface Trouble {
  /** Resolves at the first of them with the id of the workflow that called. */
  struck: Promise<string>;
  /** From now on calls pass, and those that are held go on. */
  lift(): void;
}

interface Watch {
  activity: ActivityName;
  matching: RegExp;
  point: Point;
  strike: () => Promise<void>;
}

/** Stands between the workflows and the activities, and troubles calls of one workflow or run as a test says. */
export class Troubles {
  private readonly watches = new Set<Watch>();

  readonly between = (activities: Activities): Activities => {
    const troubled = Object.entries(activities as unknown as Record<string, AnyActivity>).map(
      ([name, activity]) => [name, this.troubled(name as ActivityName, activity)],
    );
    // Same names, same signatures.
    return Object.fromEntries(troubled) as Activities;
  };

  /** The next call fails in passing. `matching`: the calling workflow's id, a space, the input as JSON. */
  failsOnce(activity: ActivityName, matching: RegExp, point: Point): Trouble {
    const trouble = this.add(activity, matching, point, () => {
      trouble.lift();
      return Promise.reject(new Error(`a test lost ${activity} ${point} it acted`));
    });
    return trouble;
  }

  /** Every call fails for good, before it acts. */
  failsForGood(activity: ActivityName, matching: RegExp): Trouble {
    return this.add(activity, matching, 'before', () =>
      Promise.reject(ApplicationFailure.nonRetryable(`a test forbids ${activity}`)),
    );
  }

  /** Calls fail that way. */
  fails(activity: ActivityName, matching: RegExp, way: Way): Trouble {
    return way === 'for good'
      ? this.failsForGood(activity, matching)
      : this.failsOnce(activity, matching, way);
  }

  /** Every call waits, and is seen to be alive. */
  holds(activity: ActivityName, matching: RegExp, point: Point): Trouble {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const trouble = this.add(activity, matching, point, () => beatingUntil(opened));
    return {
      struck: trouble.struck,
      lift() {
        trouble.lift();
        open();
      },
    };
  }

  private add(activity: ActivityName, matching: RegExp, point: Point, strike: Watch['strike']): Trouble {
    let reach: (workflowId: string) => void = () => undefined;
    const struck = new Promise<string>((resolve) => (reach = resolve));
    const watch: Watch = {
      activity,
      matching,
      point,
      strike: () => {
        reach(Context.current().info.workflowExecution?.workflowId ?? '');
        return strike();
      },
    };
    this.watches.add(watch);
    return { struck, lift: () => void this.watches.delete(watch) };
  }

  private troubled(activity: ActivityName, act: AnyActivity): AnyActivity {
    return async (input) => {
      const { workflowExecution } = Context.current().info;
      const line = `${workflowExecution?.workflowId} ${JSON.stringify(input)}`;
      await this.meet(activity, 'before', line);
      const result = await act(input);
      await this.meet(activity, 'after', line);
      return result;
    };
  }

  private async meet(activity: ActivityName, point: Point, line: string): Promise<void> {
    for (const watch of this.watches)
      if (watch.activity === activity && watch.point === point && watch.matching.test(line))
        return await watch.strike();
  }
}

/** An attempt that is silent for long would be given up, and act when nobody waits for it any more. */
async function beatingUntil(over: Promise<void>): Promise<void> {
  const context = Context.current();
  const { heartbeatTimeoutMs, heartbeatDetails } = context.info;
  if (!heartbeatTimeoutMs) return await over;
  const timer = setInterval(() => context.heartbeat(heartbeatDetails), heartbeatTimeoutMs / 4);
  await over.finally(() => clearInterval(timer));
}

type AnyActivity = (input: unknown) => Promise<unknown>;
