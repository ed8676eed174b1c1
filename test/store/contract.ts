/** What every fact store must do. Run by one test file per engine. */
import { afterAll, beforeAll } from 'vitest';
import type { FactStore } from '../../src/fact-store.ts';
import type { StoreOptions } from '../../src/store/open-store.ts';
import { contactContract } from './contract/contacts.ts';
import { portalContract } from './contract/portals.ts';
import { runContract } from './contract/runs.ts';
import { safetyContract } from './contract/safety.ts';
import { streamContract } from './contract/streams.ts';

/** A place of its own for a store: a folder, or a schema. */
export interface Place {
  readonly options: Pick<StoreOptions, 'databaseUrl' | 'dataDir'>;
  /** Runs one statement beside the store and gives what it returns. */
  query(statement: string): Promise<readonly Record<string, unknown>[]>;
  tables(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** Makes places, all empty. */
export interface Engine {
  newPlace(): Promise<Place>;
  open(place: Place): Promise<FactStore>;
}

/** What the suites work on; filled in before the first test. */
export interface Subject {
  readonly engine: Engine;
  readonly place: Place;
  /** Two instances on the same data, as two processes have them. */
  readonly store: FactStore;
  readonly other: FactStore;
  /** A portal nobody has used yet. */
  newPortal(): string;
}

/** Registers all tests for this engine. */
export function storeContract(engine: Engine): void {
  const subject = { engine, newPortal: portalNames() } as { -readonly [key in keyof Subject]: Subject[key] };
  beforeAll(async () => {
    subject.place = await engine.newPlace();
    subject.store = await engine.open(subject.place);
    subject.other = await engine.open(subject.place);
  });
  afterAll(async () => {
    await subject.store?.close();
    await subject.other?.close();
    await subject.place?.remove();
  });
  portalContract(subject);
  contactContract(subject);
  streamContract(subject);
  runContract(subject);
  safetyContract(subject);
}

function portalNames(): () => string {
  let last = 0;
  return () => {
    last += 1;
    return `portal-${last}`;
  };
}
