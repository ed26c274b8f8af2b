import { z } from 'zod';

/** What the process that reads jobs is told: those that are to be read from now on, or to say what it saw. */
export type ReaderOrder = { ids: string[] } | { end: true };

/** What those saw who read jobs all the time. */
export const Readings = z.object({
  requests: z.number(),
  failed: z.number(),
  /** Answers with a document that said that it was not of now. */
  old: z.number(),
  /** Milliseconds from the moment at which a request was due to the end of its answer. */
  p50: z.number(),
  p99: z.number(),
  max: z.number(),
  /** Seconds: how old the document was. */
  ageP99: z.number(),
  ageMax: z.number(),
});
export type Readings = z.infer<typeof Readings>;
