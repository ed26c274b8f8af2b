interface Scored<T> {
  item: T;
  score: number;
}

/**
 * The `most` nearest of a stream of items to each query, by exact cosine. In memory are the queries and what is nearest
 * to them, never the stream; of equally near items the one that came first is nearer.
 */
export class Nearest<T> {
  private readonly queries: { vector: Float32Array; length: number; best: Scored<T>[] }[];
  private readonly most: number;

  constructor(queries: readonly Float32Array[], most: number) {
    this.queries = queries.map((vector) => ({ vector, length: lengthOf(vector), best: [] }));
    this.most = most;
  }

  /** `vector` is as long as the queries. */
  offer(item: T, vector: Float32Array): void {
    const length = lengthOf(vector);
    for (const query of this.queries) {
      const cosine = dot(query.vector, vector) / (query.length * length);
      // A vector without a direction is near to none.
      insert(query.best, { item, score: Number.isFinite(cosine) ? cosine : 0 }, this.most);
    }
  }

  /** Nearest first. */
  to(query: number): T[] {
    return (this.queries[query]?.best ?? []).map(({ item }) => item);
  }
}

/** Puts an entry behind all that are as near. */
function insert<T>(best: Scored<T>[], entry: Scored<T>, most: number): void {
  const last = best[most - 1];
  if (last && entry.score <= last.score) return;
  let at = best.length;
  while (at > 0 && (best[at - 1]?.score ?? 0) < entry.score) at--;
  best.splice(at, 0, entry);
  if (best.length > most) best.pop();
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

const lengthOf = (vector: Float32Array): number => Math.sqrt(dot(vector, vector));
