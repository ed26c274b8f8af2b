/**
 * The simulated GPUs: taken by deployments and trainings, handed out in the order in which they were asked for. Who asks
 * for more than there are waits for ever, as on the platform, and keeps nobody waiting behind him.
 */
export interface GpuSlots {
  /** Why an owner cannot have `count` GPUs at once; null when it can. */
  shortage(owner: string, count: number): string | null;
  /** Resolves when `count` GPUs are this owner's, at once when it has some; rejects when `signal` aborts. */
  take(owner: string, count: number, signal: AbortSignal): Promise<void>;
  /** Leaves an owner what it had before a restart, even if there are fewer GPUs now. */
  hold(owner: string, count: number): void;
  release(owner: string): void;
  state(): GpuState;
}

export interface GpuState {
  /** null: as many as anybody wants. */
  total: number | null;
  inUse: number;
  /** The most that were in use at once since the start. */
  peak: number;
  holders: GpuShare[];
  waiting: GpuShare[];
}

interface GpuShare {
  owner: string;
  gpus: number;
}

export function createGpuSlots(total: number | null): GpuSlots {
  const taken = new Map<string, number>();
  let waiting: { owner: string; count: number; granted: () => void }[] = [];
  const inUse = () => [...taken.values()].reduce((sum, count) => sum + count, 0);
  let peak = 0;
  const give = (owner: string, count: number) => {
    taken.set(owner, count);
    peak = Math.max(peak, inUse());
  };
  const isPossible = (count: number) => count <= (total ?? Infinity);
  const isFree = (count: number) => isPossible(count + inUse());

  function grant(): void {
    const possible = waiting.filter(({ count }) => isPossible(count));
    for (let next = possible.shift(); next && isFree(next.count); next = possible.shift()) {
      forget(next.granted);
      give(next.owner, next.count);
      next.granted();
    }
  }

  function forget(granted: () => void): void {
    waiting = waiting.filter((request) => request.granted !== granted);
  }

  return {
    shortage(owner, count) {
      if (taken.has(owner)) return null;
      if (!isPossible(count)) return `waiting for ${gpus(count)}, more than the ${total} there are`;
      const isNext = !waiting.some((request) => isPossible(request.count));
      return isFree(count) && isNext ? null : `waiting for ${gpus(count)}`;
    },
    take: (owner, count, signal) =>
      new Promise((granted, refused) => {
        if (taken.has(owner)) return granted();
        signal.addEventListener('abort', () => {
          forget(granted);
          refused(new Error('no longer wanted'));
          grant();
        });
        waiting.push({ owner, count, granted });
        grant();
      }),
    hold: give,
    release(owner) {
      taken.delete(owner);
      grant();
    },
    state: () => ({
      total,
      inUse: inUse(),
      peak,
      holders: [...taken].map(([owner, held]) => ({ owner, gpus: held })),
      waiting: waiting.map(({ owner, count }) => ({ owner, gpus: count })),
    }),
  };
}

const gpus = (count: number) => `${count} GPU${count === 1 ? '' : 's'}`;
