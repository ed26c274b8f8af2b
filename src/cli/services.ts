import { describe, Problem } from './problem.js';

interface Running {
  name: string;
  stop: () => Promise<void>;
  lost: boolean;
}

/** Things that were started, stopped in reverse; a stop that fails keeps none of the others from being stopped. */
export class Services {
  /** Aborted by the user, or with a Problem when a part ends by itself. */
  readonly signal: AbortSignal;
  private readonly running: Running[] = [];
  private readonly lost = new AbortController();
  private starting: Promise<unknown> = Promise.resolve();

  constructor(interruption: AbortSignal) {
    this.signal = AbortSignal.any([interruption, this.lost.signal]);
  }

  /** Starts a part; one that cannot start is named, with the reason. `ended` settles when it ends by itself. */
  async start<T>(
    name: string,
    start: () => Promise<T>,
    stop: (part: T) => Promise<void>,
    ended?: (part: T) => Promise<unknown>,
  ): Promise<T> {
    this.signal.throwIfAborted();
    const started = start().then((part) => {
      const running = { name, stop: () => stop(part), lost: false };
      this.running.push(running);
      ended?.(part).then(
        () => this.lose(running, 'it ended by itself'),
        (error: unknown) => this.lose(running, describe(error)),
      );
      return part;
    });
    this.starting = started;
    try {
      return await started;
    } catch (error) {
      this.signal.throwIfAborted();
      throw new Problem(`${name} could not start: ${describe(error)}`);
    }
  }

  /**
   * Stops everything, also what is just starting; returns what could not be stopped. What was started after a part that
   * is lost may stand on it, so that its trouble is no news.
   */
  async stop(): Promise<string[]> {
    await Promise.allSettled([this.starting]);
    const lost = this.running.findIndex((part) => part.lost);
    const problems: string[] = [];
    for (let part = this.running.pop(); part; part = this.running.pop()) {
      try {
        await part.stop();
      } catch (error) {
        if (lost < 0 || this.running.length < lost)
          problems.push(`${part.name} did not stop: ${describe(error)}`);
      }
    }
    return problems;
  }

  private lose(part: Running, reason: string): void {
    part.lost = true;
    this.lost.abort(new Problem(`${part.name} is gone: ${reason}`));
  }
}
