/** A platform call that failed. The message begins with method, URL and status. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly service: string;
  /** null: no answer of the service (refused, timed out, not HTTP, a 404 of a proxy). */
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  /** The service answered, but not what its contract says: a new attempt would hear the same. */
  readonly misfit: boolean;
  constructor(
    message: string,
    options: {
      service: string;
      status: number | null;
      retryAfterMs?: number | null;
      misfit?: boolean;
      cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.service = options.service;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.misfit = options.misfit ?? false;
  }
}
