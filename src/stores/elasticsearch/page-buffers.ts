const BUFFER_BYTES = 5_000_000;

/** Buffers of pages, used again and again. */
export class PageBuffers {
  private readonly free: ArrayBuffer[] = [];

  take(): Buffer<ArrayBuffer> {
    return Buffer.from(this.free.pop() ?? new ArrayBuffer(BUFFER_BYTES));
  }

  /** One that grew for a large page is not kept. */
  readonly reuse = ({ buffer }: Uint8Array<ArrayBuffer>): void => {
    if (buffer.byteLength === BUFFER_BYTES) this.free.push(buffer);
  };
}
