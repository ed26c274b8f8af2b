const BUFFER_BYTES = 5_000_000;

/** Buffers of pages, used again and again. Threads share them: what is handed over counts as garbage made and freed. */
export class PageBuffers {
  private readonly free: SharedArrayBuffer[] = [];

  take(): Buffer<SharedArrayBuffer> {
    return Buffer.from(this.free.pop() ?? new SharedArrayBuffer(BUFFER_BYTES));
  }

  /** One that grew for a large page is not kept. */
  readonly reuse = ({ buffer }: Uint8Array): void => {
    if (buffer instanceof SharedArrayBuffer && buffer.byteLength === BUFFER_BYTES) this.free.push(buffer);
  };
}
