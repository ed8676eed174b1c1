/** Gathers passes, one row after the other, into the scorecard of both promises. A million rows take some 80 MB. */
import { FLAGS, type Flag, type PassRow, type Rules } from '../types.ts';
import { conversionPart } from './conversion.ts';
import type { Blocks, QualityBlock, Scorecard } from './document.ts';
import { marketingPart } from './marketing.ts';
import { passAsOf } from './part.ts';
import { iso, type Periods, periodsOf } from './periods.ts';
import { salesPart } from './sales.ts';
import { timesPart } from './times.ts';
import { traps } from './traps.ts';

/** Contacts remembered, the direct SQLs among them, and contacts per flag. */
export interface ContactCounts {
  readonly contacts: number;
  readonly directSql: number;
  readonly flags: Readonly<Record<string, number>>;
}

/** What a scorecard is of: the portal, the moment, the weeks and the rules that cut them. */
export interface ScorecardInput {
  readonly portal: string;
  /** The report date, ms. Passes opened later are left out, those decided later are open. */
  readonly asOf: number;
  /** How many weeks, up to the one of `asOf`. */
  readonly weeks: number;
  readonly rules: Pick<Rules, 'calendar' | 'marketing'>;
  /** Internal name of the property whose values make groups. */
  readonly by?: string;
}

/** A scorecard in the making: every row once, then `finish` once. */
export interface ScorecardBuilder {
  /** Rows of one contact must follow each other. */
  add(row: PassRow): void;
  /** `byGroup` completes the groups with what no pass shows; without it they count contacts with passes only. */
  finish(counts: ContactCounts, byGroup?: ReadonlyMap<string, ContactCounts>): Scorecard;
}

/** The group of contacts whose property is blank. */
const NO_VALUE = '(none)';

/** The group that a contact belongs to by a property. */
export function groupOf(properties: Readonly<Record<string, string>>, property: string): string {
  return properties[property] || NO_VALUE;
}

/** Starts an empty scorecard. */
export function scorecardBuilder(input: ScorecardInput): ScorecardBuilder {
  const { asOf, by, rules } = input;
  const periods = periodsOf(rules, asOf, input.weeks);
  const whole = blocksBuilder(rules, periods, true);
  const groups = new Map<string, BlocksBuilder>();
  return {
    add(row) {
      if (row.pass.openedAt > asOf) return;
      whole.add(row);
      if (by === undefined) return;
      const value = groupOf(row.properties, by);
      const group = groups.get(value) ?? blocksBuilder(rules, periods, false);
      groups.set(value, group);
      group.add(row);
    },
    finish(counts, byGroup) {
      for (const value of byGroup?.keys() ?? []) {
        if (!groups.has(value)) groups.set(value, blocksBuilder(rules, periods, false));
      }
      const head = {
        portal: input.portal,
        asOf: iso(asOf),
        timeZone: rules.calendar.timeZone,
        weeks: input.weeks,
      };
      const card = { ...head, ...whole.finish(counts) };
      if (by === undefined) return card;
      const finished = [...groups]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([value, group]) => [value, group.finish(byGroup?.get(value))] as const);
      return { ...card, by, groups: Object.fromEntries(finished) };
    },
  };
}

interface BlocksBuilder {
  add(row: PassRow): void;
  finish(counts?: ContactCounts): Blocks;
}

function blocksBuilder(rules: ScorecardInput['rules'], periods: Periods, isWhole: boolean): BlocksBuilder {
  const sales = salesPart(periods);
  const marketing = marketingPart(rules.marketing, periods, isWhole);
  const conversion = conversionPart(periods);
  const times = timesPart(periods);
  const quality = qualityOf();
  return {
    add(row) {
      const pass = passAsOf(row.pass, periods.asOf);
      for (const part of [sales, marketing, conversion, times, quality]) part.add(pass, row);
    },
    finish: (counts) => ({
      sales: sales.block(),
      marketing: marketing.block(),
      conversion: conversion.block(),
      timeToQualify: times.block(),
      quality: quality.block(counts),
    }),
  };
}

function qualityOf() {
  const trapped = traps();
  const flags = noFlags();
  let [contacts, passes, lastContact] = [0, 0, ''];
  return {
    add(pass: PassRow['pass'], row: PassRow): void {
      trapped.add(pass, row);
      passes += 1;
      if (row.contactId === lastContact) return;
      lastContact = row.contactId;
      contacts += 1;
      for (const flag of FLAGS) if (row.flags.includes(flag)) flags[flag] += 1;
    },
    block(counts?: ContactCounts): QualityBlock {
      const directSql = counts?.directSql ?? null;
      return {
        contacts: counts?.contacts ?? contacts,
        passes,
        direct_sql: directSql,
        flags: counts === undefined ? flags : { ...noFlags(), ...counts.flags },
        traps: trapped.effects(directSql),
      };
    },
  };
}

function noFlags(): Record<Flag, number> {
  return Object.fromEntries(FLAGS.map((flag) => [flag, 0])) as Record<Flag, number>;
}
