/** A request for a chat completion and its answer, as they went over the wire. */
export interface Exchange {
  clientId: string;
  workloadId: string;
  sessionId: string | null;
  /** When the request came, in epoch milliseconds. */
  atMs: number;
  request: Body;
  answer: Body & {
    /** `content-type` */
    type: string;
    /** Whether it came to its end. */
    isWhole: boolean;
  };
}

interface Body {
  bytes: Uint8Array<ArrayBuffer>;
  /** `content-encoding` */
  encoding: string;
}

/** Why an answer that has passed is no record. */
export const SKIPPED = [
  // No header and no default says its client or workload.
  'unnamed',
  // The upstream refused it, or its stream told of an error.
  'failed',
  // The upstream broke off, or the caller went away.
  'cut',
  // A body was longer than 10 MB.
  'too-long',
  // It was no chat completion that could be read.
  'unreadable',
] as const;

export type SkipReason = (typeof SKIPPED)[number];
