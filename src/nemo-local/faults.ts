import type { Collection } from './collection.js';
import { newId, timestamp } from './entity-ids.js';
import {
  NONSENSE_FAULT,
  sentinelIn,
  type Fault,
  type RequestFault,
  type ThingFault,
} from './fault-schema.js';

/** A fault that was asked for, and whom it has struck. */
export interface FaultRecord {
  id: string;
  /** Asked for by `POST /admin/faults`, or by the name of the thing that it struck. */
  askedBy: 'admin' | 'name';
  fault: Fault | typeof NONSENSE_FAULT;
  /** How often it will still strike. */
  left: number;
  /** The last hundred strikes. */
  struck: { at: string; what: string }[];
}

/** A deployment or a job that is being made. */
export interface NewThing {
  /** Never used again. */
  id: string;
  /** Its name and its models'. */
  names: string[];
}

/** Failures on request; all of it survives a restart. */
export interface Faults {
  arm(fault: Fault): void;
  /** Takes back whatever has not struck yet. */
  disarm(): void;
  list(): { armed: FaultRecord[]; spent: FaultRecord[] };
  /** Uses up one strike of the first armed fault that fits a request. */
  strikeRequest(what: string, fits: (fault: RequestFault) => boolean): RequestFault | undefined;
  /** Settles what is to happen to a thing, once: by an armed fault, else by its names. */
  strike(on: ThingFault['on'], thing: NewThing): void;
  /** Lists a model that is named so as to answer nonsense, once. */
  noteNonsense(model: string): void;
  /** What was settled. */
  of<On extends ThingFault['on']>(on: On, id: string): Extract<ThingFault, { on: On }> | undefined;
}

const STRIKES_KEPT = 100;

export function createFaults(records: Collection<FaultRecord>, settled: Collection<ThingFault>): Faults {
  const armed = () => records.all().filter(({ left }) => left > 0);
  const put = (record: FaultRecord) => records.put(record.id, record);
  const strike = (record: FaultRecord, what: string) => {
    const struck = [...record.struck, { at: timestamp(), what }].slice(-STRIKES_KEPT);
    put({ ...record, left: record.left - 1, struck });
  };
  return {
    arm: (fault) => void put(newRecord('admin', fault)),
    disarm() {
      for (const record of armed()) {
        if (record.struck.length > 0) put({ ...record, left: 0 });
        else records.delete(record.id);
      }
    },
    list: () => ({ armed: armed(), spent: records.all().filter(({ left }) => left === 0) }),
    strikeRequest(what, fits) {
      for (const record of armed()) {
        if (record.fault.on !== 'request' || !fits(record.fault)) continue;
        strike(record, what);
        return record.fault;
      }
      return undefined;
    },
    strike(on, { id, names }) {
      const fits = ({ fault }: FaultRecord) =>
        isOn(fault, on) && names.some((name) => name.includes(fault.match));
      const record = armed().find(fits) ?? bySentinel(on, names);
      settled.delete(id);
      if (record === undefined || !isOn(record.fault, on)) return;
      settled.put(id, record.fault);
      strike(record, `${on} ${id} (${names.join(', ')})`);
    },
    noteNonsense(model) {
      const id = `fault-nonsense ${model}`;
      if (records.get(id)) return;
      strike({ ...newRecord('name', NONSENSE_FAULT), id }, `model ${model}`);
    },
    of(on, id) {
      const fault = settled.get(id);
      return fault && isOn(fault, on) ? fault : undefined;
    },
  };
}

const newRecord = (askedBy: FaultRecord['askedBy'], fault: FaultRecord['fault']): FaultRecord => ({
  id: newId('fault'),
  askedBy,
  fault,
  left: fault.count,
  struck: [],
});

function bySentinel(on: ThingFault['on'], names: string[]): FaultRecord | undefined {
  const fault = names.map((name) => sentinelIn(on, name)).find((found) => found !== undefined);
  return fault && newRecord('name', fault);
}

const isOn = <On extends ThingFault['on']>(
  fault: FaultRecord['fault'],
  on: On,
): fault is Extract<ThingFault, { on: On }> => fault.on === on;
