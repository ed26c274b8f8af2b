/** What must have ended before the folder under it goes. */
export class Work {
  private running: Promise<unknown> = Promise.resolve();

  during<T>(work: Promise<T>): Promise<T> {
    this.running = work;
    return work;
  }

  async end(): Promise<void> {
    await Promise.allSettled([this.running]);
  }
}
