import type { Collection } from './collection.js';

/** What is counted; members of `GET /admin/state`. */
const KINDS = ['deployments', 'customizations', 'evaluations', 'datasets', 'models'] as const;
type CreatedKind = (typeof KINDS)[number];

/** One thing that was made, whether or not it is still there. */
export interface Creation {
  kind: CreatedKind;
  name: string;
}

/** How often something of a name was really made: for audits, which must also see what is gone again. */
export interface Creations {
  /** The collection, with each new thing noted. `describe` gives an id that is never used again, and the name. */
  counted<T>(kind: CreatedKind, things: Collection<T>, describe: (thing: T) => Described): Collection<T>;
  byName(): Record<string, Record<string, number>>;
}

interface Described {
  id: string;
  name: string;
}

export function createCreations(noted: Collection<Creation>): Creations {
  function counted<T>(kind: CreatedKind, things: Collection<T>, describe: (thing: T) => Described) {
    const note = (thing: T) => {
      const { id, name } = describe(thing);
      if (!noted.get(id)) noted.put(id, { kind, name });
    };
    // A kill may have come between a thing and its note.
    for (const thing of things.all()) note(thing);
    return {
      ...things,
      put(key: string, thing: T) {
        things.put(key, thing);
        note(thing);
        return thing;
      },
    };
  }
  const countsOf = (kind: CreatedKind) => {
    const counts = new Map<string, number>();
    for (const { name } of noted.all().filter((creation) => creation.kind === kind))
      counts.set(name, (counts.get(name) ?? 0) + 1);
    return Object.fromEntries(counts);
  };
  return {
    counted,
    byName: () => Object.fromEntries(KINDS.map((kind) => [kind, countsOf(kind)])),
  };
}
