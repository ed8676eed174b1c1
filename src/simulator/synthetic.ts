/**
 * Contacts made up from a seed: half a year of marketing and sales, with what makes real portals hard. No names, no
 * addresses. The same seed, size and *now* give the same portal.
 */
import type { Portal } from './portal.ts';
import { Random } from './random.ts';
import { Journey, type StageNames, stageNames } from './synthetic-journey.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const WEEKS = 26;
/** Share of contacts that marketing hands over at least once. */
const HANDED_OVER = 0.38;

/** Share of contacts that belong to a company. */
const EMPLOYED = 0.85;

/** What all contacts of one portal share. */
interface Setting {
  readonly random: Random;
  readonly companies: Companies;
  readonly names: StageNames;
  readonly now: number;
  /** Monday 00:00 UTC of the first week. */
  readonly from: number;
  /** How busy each week is, against the others. */
  readonly weeks: readonly (readonly [number, number])[];
  /** When lists were imported, each at one instant. */
  readonly imports: readonly number[];
}

const COUNTRIES = [
  ['United Kingdom', 32],
  ['Germany', 18],
  ['Ireland', 12],
  ['France', 14],
  ['Netherlands', 9],
  ['Spain', 8],
  ['', 7],
] as const;

const SOURCES = [
  ['ORGANIC_SEARCH', 30],
  ['PAID_SEARCH', 20],
  ['DIRECT_TRAFFIC', 14],
  ['SOCIAL_MEDIA', 10],
  ['REFERRALS', 8],
  ['EMAIL_MARKETING', 8],
  ['OFFLINE', 10],
] as const;

const OWNERS = [
  ['50101', 30],
  ['50102', 25],
  ['50103', 20],
  ['50104', 15],
  ['50105', 10],
] as const;

/** Hours after Monday 00:00 at which a working day begins, by how many leads marketing hands over on it. */
const WEEKDAYS = [
  [0, 34],
  [24, 20],
  [48, 18],
  [72, 15],
  [96, 11],
  [120, 1],
  [144, 1],
] as const;

/** Fills the portal with as many synthetic contacts as its settings say. */
export function addSynthetic(portal: Portal): void {
  const { size } = portal.settings;
  if (size <= 0) return;
  const setting = createSetting(portal);
  let promotion: Promotion & { until: number } = { until: 0, at: 0, company: '', stage: '' };
  const pairs: string[][] = [];
  for (let i = 0; i < size; i += 1) {
    if (setting.random.chance(0.002)) {
      const until = i + setting.random.between(4, 8);
      promotion = { until, at: moment(setting), ...setting.companies.promote(setting.names) };
    }
    const id = addContact(portal, setting, i < promotion.until ? promotion : null, rarityOf(i));
    if (setting.random.chance(0.003)) pairs.push([id]);
    else if (pairs.at(-1)?.length === 1) pairs.at(-1)?.push(id);
    if (setting.random.chance(0.002) && pairs.at(-1)?.includes(id) !== true) portal.archive(id);
    if (setting.random.chance(0.3)) portal.skipIds(setting.random.between(1, 40));
  }
  for (const [primary, other] of pairs) mergePair(portal, primary, other);
}

/** A day after the later of the two was last touched. */
function mergePair(portal: Portal, primary = '', other = ''): void {
  const touched = [primary, other].map((id) => portal.resolve(id)?.updatedAt);
  const at = Math.max(...touched.map((ms) => ms ?? Number.NaN)) + DAY;
  if (!Number.isNaN(at)) portal.merge(primary, other, Math.min(at, portal.now()));
}

function createSetting(portal: Portal): Setting {
  const { seed, size, stages } = portal.settings;
  const [random, now] = [new Random(seed), portal.now()];
  const monday = Math.floor((now - 4 * DAY) / WEEK) * WEEK + 4 * DAY;
  const from = monday - (WEEKS - 1) * WEEK;
  const weeks = Array.from(
    { length: WEEKS },
    (_, week) => [from + week * WEEK, 0.75 + 0.5 * random.next()] as const,
  );
  const companies = new Companies(seed, size);
  const base = { random, companies, names: stageNames(stages), now, from, weeks };
  return { ...base, imports: [0, 1, 2].map(() => moment(base)) };
}

function addContact(
  portal: Portal,
  setting: Setting,
  promotion: Promotion | null,
  rarity: Rarity | null,
): string {
  const { random, companies, names, now } = setting;
  const handOver = moment(setting);
  const begun = Math.min(handOver, now - 1) - Math.round(random.logNormal(4 * DAY, 1.2)) - 60_000;
  const journey = new Journey(names, random, now);
  journey.begin(begun);
  if (rarity === 'flickers') journey.flicker(setting.from);
  else if (random.chance(HANDED_OVER)) handOverOnce(journey, setting, handOver);
  else if (random.chance(0.03)) journey.qualify(handOver);
  if (promotion !== null) journey.enter(promotion.stage, promotion.at, 'INTEGRATION', '665544');
  const company = promotion?.company ?? companies.any();
  const future = rarity === 'dated ahead' ? [{ value: names.sql, timestamp: now + 2 * DAY }] : [];
  return portal.add({
    createdAt: begun,
    stages: [...journey.stages, ...future],
    properties: {
      hubspot_owner_id: random.pick(OWNERS),
      hs_analytics_source: random.pick(SOURCES),
      numemployees: String(Math.max(1, Math.round(random.logNormal(60, 1.3)))),
      country: random.pick(COUNTRIES),
      ...(company === null ? {} : { associatedcompanyid: company }),
    },
  });
}

/** A company whose contacts all enter one stage at one instant: the integration copies the company's own. */
interface Promotion {
  readonly at: number;
  readonly company: string;
  readonly stage: string;
}

/** Companies by id only. Their chance is their own, so that they change nothing else about the portal. */
class Companies {
  readonly #random: Random;
  readonly #count: number;
  #promoted = 0;

  constructor(seed: number, contacts: number) {
    this.#random = new Random(seed + 7_919);
    this.#count = Math.ceil(contacts / 3);
  }

  /** A company that several contacts may share; null: none. */
  any(): string | null {
    if (!this.#random.chance(EMPLOYED)) return null;
    return String(8_000_000 + this.#random.between(1, this.#count));
  }

  /** The next company to be promoted, by turns to MQL and past SQL. */
  promote({ mql, after }: StageNames): Pick<Promotion, 'company' | 'stage'> {
    this.#promoted += 1;
    return {
      company: String(9_000_000_000 + this.#promoted),
      stage: this.#promoted % 2 === 1 ? mql : after,
    };
  }
}

/** What is so rare that chance might leave it out. */
type Rarity = 'flickers' | 'dated ahead';

function rarityOf(place: number): Rarity | null {
  if (place % 1_700 === 850) return 'flickers';
  return place % 1_900 === 950 ? 'dated ahead' : null;
}

function handOverOnce(journey: Journey, { random, imports }: Setting, at: number): void {
  const importedAt = random.chance(0.04) ? imports[random.between(0, imports.length - 1)] : undefined;
  if (importedAt !== undefined) journey.handOver(importedAt, 'IMPORT');
  else journey.handOver(at, random.chance(0.6) ? 'AUTOMATION_PLATFORM' : 'CRM_UI');
}

/** A moment within the half-year: mostly Monday to Friday in working hours, never in the future. */
function moment({ random, weeks, now }: Pick<Setting, 'random' | 'weeks' | 'now'>): number {
  for (;;) {
    const at =
      random.pick(weeks) + random.pick(WEEKDAYS) * HOUR + Math.round((7.5 + 9.5 * random.next()) * HOUR);
    if (at <= now) return at;
  }
}
