/** The simulated GPUs: taken by deployments, handed out in the order in which they were asked for. */
export interface GpuSlots {
  /** Resolves when `count` GPUs are this owner's; rejects when `signal` aborts. */
  take(owner: string, count: number, signal: AbortSignal): Promise<void>;
  release(owner: string): void;
}

export function createGpuSlots(total: number | null): GpuSlots {
  const taken = new Map<string, number>();
  let waiting: { owner: string; count: number; granted: () => void }[] = [];
  const free = () => (total ?? Infinity) - [...taken.values()].reduce((sum, count) => sum + count, 0);

  function grant(): void {
    for (let next = waiting[0]; next && next.count <= free(); next = waiting[0]) {
      waiting.shift();
      taken.set(next.owner, next.count);
      next.granted();
    }
  }

  return {
    take: (owner, count, signal) =>
      new Promise((granted, refused) => {
        signal.addEventListener('abort', () => {
          waiting = waiting.filter((request) => request.granted !== granted);
          refused(new Error('no longer wanted'));
          grant();
        });
        waiting.push({ owner, count, granted });
        grant();
      }),
    release(owner) {
      taken.delete(owner);
      grant();
    },
  };
}
