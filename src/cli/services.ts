import { describe, Problem } from './problem.js';

interface Running {
  name: string;
  stop: () => Promise<void>;
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
      this.running.push({ name, stop: () => stop(part) });
      return part;
    });
    this.starting = started;
    try {
      const part = await started;
      ended?.(part).then(
        () => this.lose(name, 'it ended by itself'),
        (error: unknown) => this.lose(name, describe(error)),
      );
      return part;
    } catch (error) {
      this.signal.throwIfAborted();
      throw new Problem(`${name} could not start: ${describe(error)}`);
    }
  }

  /** Stops everything, also what is just starting; returns what could not be stopped. */
  async stop(): Promise<string[]> {
    await Promise.allSettled([this.starting]);
    const problems: string[] = [];
    for (let part = this.running.pop(); part; part = this.running.pop()) {
      try {
        await part.stop();
      } catch (error) {
        problems.push(`${part.name} did not stop: ${describe(error)}`);
      }
    }
    return problems;
  }

  private lose(name: string, reason: string): void {
    this.lost.abort(new Problem(`${name} is gone: ${reason}`));
  }
}
