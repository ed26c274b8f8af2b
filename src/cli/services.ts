import { describe, Problem } from './problem.js';

interface Running {
  name: string;
  stop: () => Promise<void>;
}

/** Things that were started, stopped in reverse; a stop that fails keeps none of the others from being stopped. */
export class Services {
  private readonly running: Running[] = [];
  private readonly signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  /** Starts a part; one that cannot start is named, with the reason. */
  async start<T>(name: string, start: () => Promise<T>, stop: (part: T) => Promise<void>): Promise<T> {
    this.signal.throwIfAborted();
    try {
      const part = await start();
      this.running.push({ name, stop: () => stop(part) });
      return part;
    } catch (error) {
      this.signal.throwIfAborted();
      throw new Problem(`${name} could not start: ${describe(error)}`);
    }
  }

  /** Stops everything; returns what could not be stopped. */
  async stop(): Promise<string[]> {
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
}
