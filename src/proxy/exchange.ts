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
export const SKIPPED = {
  unnamed: 'no header and no default says its client or workload',
  failed: 'the upstream refused it, or its stream told of an error',
  cut: 'the answer ended early: the upstream broke off, or the caller went away',
  'too-long': 'a body was longer than 10 MB',
  unreadable: 'it was no chat completion that could be read',
} as const;

export type SkipReason = keyof typeof SKIPPED;
