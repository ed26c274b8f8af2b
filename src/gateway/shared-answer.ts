/** Asks once for all who want to know at the same time, or within `forMs` after the answer. */
export function sharedAnswer<T>(ask: () => Promise<T>, forMs: number): () => Promise<T> {
  let shared: Promise<T> | null = null;
  const forgetLater = () => void setTimeout(() => (shared = null), forMs).unref();
  return () => {
    if (shared === null) {
      shared = ask();
      shared.then(forgetLater, forgetLater);
    }
    return shared;
  };
}
