/** One contact's way through the stages, as marketing and sales teams produce them. */
import type { Random } from './random.ts';
import { RETIRED_STAGE } from './stages.ts';
import type { Entry, SimulatedStage } from './types.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Stage values by what they mean for the hand-over; null where the portal has no such stage. */
export interface StageNames {
  readonly first: string;
  readonly lead: string;
  readonly mql: string;
  readonly accepted: string | null;
  readonly sql: string;
  readonly after: string;
  readonly won: string;
  readonly lost: string;
}

/** Finds them among a portal's stages: HubSpot's defaults where it has them, else by place. */
export function stageNames(stages: readonly SimulatedStage[]): StageNames {
  const values = stages.map((stage) => stage.value);
  const at = (name: string, place: number) =>
    values.includes(name) ? name : (values[Math.min(place, values.length - 1)] ?? name);
  const mql = at('marketingqualifiedlead', 2);
  const sql = at('salesqualifiedlead', 3);
  const between = values.slice(values.indexOf(mql) + 1, Math.max(0, values.indexOf(sql)));
  return {
    ...{ first: at('subscriber', 0), lead: at('lead', 1), mql, sql, accepted: between[0] ?? null },
    ...{ after: at('opportunity', 4), won: at('customer', 5), lost: at('other', values.length - 1) },
  };
}

/** A history under construction: entries up to *now*, in order. */
export class Journey {
  readonly stages: Entry[] = [];
  readonly #names: StageNames;
  readonly #random: Random;
  readonly #now: number;

  constructor(names: StageNames, random: Random, now: number) {
    this.#names = names;
    this.#random = random;
    this.#now = now;
  }

  /** Notes an entry, unless it lies in the future; says whether it happened. */
  enter(value: string, timestamp: number, sourceType = 'CRM_UI', sourceId = 'userId:1'): boolean {
    if (timestamp > this.#now) return false;
    this.stages.push({ value, timestamp, sourceType, sourceId });
    return true;
  }

  /** How a contact comes into the database. Most go no further. */
  begin(at: number): void {
    const first = this.#random.chance(0.35) ? this.#names.first : this.#names.lead;
    this.enter(first, at, 'FORM', '');
    if (first === this.#names.lead || !this.#random.chance(0.5)) return;
    this.enter(
      this.#random.chance(0.01) ? RETIRED_STAGE : this.#names.lead,
      at + this.#random.between(1, 30) * MINUTE,
    );
  }

  /** Marketing hands over; what sales makes of it follows. Some come back for another attempt. */
  handOver(at: number, sourceType: string, attempt = 1): void {
    if (!this.enter(this.#names.mql, at, sourceType, sourceType === 'CRM_UI' ? 'userId:1' : '')) return;
    const outcome = this.#random.pick([
      ['qualified', 38],
      ['recycled', 34],
      ['lost', 17],
      ['cleared', 3],
      ['forgotten', 8],
    ] as const);
    const decided = this.#atWork(at + this.#delay(outcome === 'qualified' ? 1.6 : 2.4));
    if (this.#names.accepted !== null && this.#random.chance(0.55)) {
      const accepted = this.#atWork(at + Math.round((decided - at) * (0.1 + 0.4 * this.#random.next())));
      if (accepted < decided) this.enter(this.#names.accepted, accepted);
    }
    if (outcome === 'qualified') this.qualify(decided);
    else if (outcome === 'lost') this.enter(this.#names.lost, decided);
    else if (outcome === 'cleared') this.enter('', decided);
    else if (outcome === 'recycled') this.#recycle(decided, attempt);
  }

  /** Into the sales stages: now and then past SQL, or within seconds by an automation. */
  qualify(at: number): void {
    const skips = this.#random.chance(0.08);
    const quick = this.#random.chance(0.02) && this.stages.length > 0;
    const last = this.stages[this.stages.length - 1]?.timestamp ?? at;
    const entered = quick ? last + this.#random.between(5, 40) * SECOND : at;
    if (!skips && !this.enter(this.#names.sql, entered, quick ? 'AUTOMATION_PLATFORM' : 'CRM_UI')) return;
    if (!skips && !this.#random.chance(0.5)) return;
    const opportunity = skips ? entered : entered + this.#delay(6);
    if (!this.enter(this.#names.after, opportunity)) return;
    if (this.#random.chance(0.35)) this.enter(this.#names.won, opportunity + this.#delay(20));
  }

  /** A contact that an integration moved to and fro more often than HubSpot remembers. */
  flicker(from: number): void {
    let at = from;
    for (let round = 0; round < 26; round += 1) {
      this.enter(this.#names.mql, at, 'INTEGRATION', '998877');
      this.enter('', at + 20 * HOUR, 'INTEGRATION', '998877');
      this.enter(this.#names.lead, at + 20 * HOUR + 2 * SECOND, 'INTEGRATION', '998877');
      at += 2 * DAY;
    }
  }

  /** Integrations go back by clearing first: the API itself only moves forward. */
  #recycle(at: number, attempt: number): void {
    const back = at + this.#random.between(1, 90) * SECOND;
    if (!this.enter('', at, 'INTEGRATION', '998877')) return;
    if (!this.enter(this.#names.lead, back, 'INTEGRATION', '998877')) return;
    if (attempt < 3 && this.#random.chance(0.4)) this.handOver(back + this.#delay(14), 'CRM_UI', attempt + 1);
  }

  /** People decide in working hours: anything else waits for the next working morning. */
  #atWork(at: number): number {
    const hour = Math.floor(at / HOUR) % 24;
    const weekday = (Math.floor(at / DAY) + 3) % 7;
    const free = weekday >= 5 ? 7 - weekday : hour < 8 ? 0 : hour < 18 ? null : weekday === 4 ? 3 : 1;
    if (free === null) return at;
    const morning = (Math.floor(at / DAY) + free) * DAY + 8 * HOUR;
    return morning + Math.round(this.#random.next() ** 2 * 9 * HOUR);
  }

  #delay(medianDays: number): number {
    return Math.round(this.#random.logNormal(medianDays * DAY, 1.1));
  }
}
