/** Every job, in the order of the flow. */
import type { JobDefinition } from '../src/queue/contract.ts';
import type { JobDeps } from './deps.ts';
import { findContacts } from './find-contacts.ts';
import { qualifyContacts } from './qualify-contacts.ts';
import { scorecard } from './scorecard.ts';
import { startRun } from './start-run.ts';
import { watchDeadlines } from './watch-deadlines.ts';

/** What the runtime runs; handed to it with `JobDeps` by the composition root. */
// biome-ignore lint/suspicious/noExplicitAny: each job has its own payload type; the runtime checks it with the job's schema
export const JOBS: readonly JobDefinition<any, JobDeps>[] = [
  startRun,
  findContacts,
  qualifyContacts,
  watchDeadlines,
  scorecard,
];
