/** The configuration, defined once: parsing, JSON Schema and the key list of config/README.md all come from here. */
import { z } from 'zod';
import type { Weekday } from '../domain/types.ts';
import {
  conditions,
  cron,
  date,
  duration,
  elapsed,
  interval,
  openingHours,
  scalar,
  share,
  strict,
  timeZone,
  weekPoint,
  weekPointShape,
} from './fields.ts';

/** Stages that have a role unless others are named. */
export const DEFAULT_STAGES = { mql: ['marketingqualifiedlead'], sql: ['salesqualifiedlead'] } as const;
const DEFAULT_HOURS = { 'monday-friday': '09:00-17:00' };

const stageList = z.array(scalar);
const role = z.enum(['before', 'mql', 'accepted', 'sql', 'after', 'lost']);

const stages = strict({
  mql: stageList
    .min(1, 'must name at least one stage')
    .prefault([...DEFAULT_STAGES.mql])
    .describe('stages in which a lead is an MQL')
    .meta({ examples: [['marketingqualifiedlead', '98765432']] }),
  sql: stageList
    .min(1, 'must name at least one stage')
    .prefault([...DEFAULT_STAGES.sql])
    .describe('stages in which it is an SQL'),
  accepted: stageList
    .default([])
    .describe('stages in which sales has accepted an MQL')
    .meta({ examples: [['opportunityreview']] }),
  before: stageList.default([]).describe('stages ahead of MQL; moving there recycles a lead'),
  after: stageList.default([]).describe('stages behind SQL; entering one from MQL counts as qualified'),
  lost: stageList
    .default([])
    .describe("stages that disqualify; HubSpot's `other` is one unless named elsewhere")
    .meta({ examples: [['other', 'spam']] }),
  retired: z
    .record(z.string(), role)
    .default({})
    .describe('stages deleted in HubSpot that still stand in histories: internal value → role')
    .meta({ examples: [{ '1047999': 'before' }] }),
});

const calendar = strict({
  timeZone: timeZone
    .optional()
    .describe("IANA zone of all wall-clock times; the portal's own if not given")
    .meta({ examples: ['Europe/London'] }),
  hours: openingHours
    .prefault(DEFAULT_HOURS)
    .describe(
      'business hours by weekday or range of weekdays: `09:00-12:30, 13:30-17:30`, or `closed`; days not named are closed',
    )
    .meta({ examples: [{ 'monday-thursday': '09:00-12:30, 13:30-17:30', friday: '09:00-16:00' }] }),
  holidays: z
    .array(date)
    .default([])
    .describe('dates without business hours')
    .meta({ examples: [['2026-12-25', '2026-12-28']] }),
});

const by = strict({
  ...weekPointShape,
  cutoff: weekPoint
    .optional()
    .describe('leads that come after this point of the week are due a week later')
    .meta({ examples: [{ weekday: 'monday', time: '09:00' }] }),
  onHoliday: z
    .enum(['next', 'previous'])
    .default('next')
    .describe('where a deadline moves that falls on a day without business hours'),
});

const salesRule = strict({
  name: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(100, 'must be 100 characters at most')
    .describe('written to the contact as the promise that applies')
    .meta({ examples: ['hot'] }),
  when: conditions
    .default({})
    .describe('conditions on properties; all must hold. Not given: always')
    .meta({ examples: [{ hs_analytics_source: ['PAID_SEARCH', 'DIRECT_TRAFFIC'] }] }),
  within: duration
    .optional()
    .describe('the time allowed: business hours, or plain hours day and night')
    .meta({ examples: ['4 business hours', '24 hours'] }),
  by: by
    .optional()
    .describe('or a deadline: a weekday and time')
    .meta({ examples: [{ weekday: 'wednesday', time: '17:00' }] }),
  stopsOn: z
    .enum(['decision', 'acceptance', 'qualified'])
    .default('decision')
    .describe('what stops the clock: any decision, acceptance (or any decision), or qualification only'),
  dueSoon: duration
    .prefault('4 hours')
    .describe('how long before the due time a lead is due soon')
    .meta({ examples: ['1 hour'] }),
}).transform(({ within, by: deadline, ...rule }, context) => {
  if (within !== undefined && deadline === undefined) return { ...rule, target: { within } };
  if (deadline !== undefined && within === undefined) {
    const { weekday, time, cutoff, onHoliday } = deadline;
    const point = { weekday: weekday as Weekday, minute: time };
    return { ...rule, target: { by: point, ...(cutoff === undefined ? {} : { cutoff }), onHoliday } };
  }
  const message = within === undefined ? 'needs `within` or `by`' : 'has both `within` and `by`; give it one';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const marketing = strict({
  quota: z
    .int('must be a whole number')
    .positive('must be at least 1')
    .describe('MQLs due in each delivery window')
    .meta({ examples: [50] }),
  window: weekPoint
    .describe('when one delivery window ends and the next begins')
    .meta({ examples: [{ weekday: 'monday', time: '09:00' }] }),
  fit: strict({
    share: share.describe('the share of delivered leads that must fit').meta({ examples: ['60%'] }),
    when: conditions
      .describe('when a lead fits: conditions on properties; all must hold')
      .meta({ examples: [{ numemployees: { atLeast: 50 } }] }),
  })
    .optional()
    .describe('the promise about quality'),
});

const write = strict({
  prefix: z
    .string()
    .regex(
      /^(?!hs_)[a-z][a-z0-9_]{0,49}$/,
      'must be lower-case letters, digits and underscores, begin with a letter, and not be hs_',
    )
    .default('handoff_')
    .describe('what the names of our properties begin with'),
  group: strict({
    name: z
      .string()
      .regex(
        /^[a-z][a-z0-9_]*$/,
        'must be lower-case letters, digits and underscores, and begin with a letter',
      )
      .default('handoff')
      .describe('internal name of the property group'),
    label: z
      .string()
      .min(1, 'must not be empty')
      .default('Marketing to sales handoff')
      .describe('what people see'),
  })
    .prefault({})
    .describe('the group that our properties stand in'),
});

function isWebAddress(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '');
}

const notice = strict({
  url: z
    .string()
    .refine(isWebAddress, 'must be an address beginning with https:// (or http://)')
    .describe(
      'where to send it, with its secret from the environment: `${NAME}`. Left out with a warning when that is not set',
    )
    .meta({ examples: ['${SLACK_WEBHOOK_URL}'] }),
  format: z.enum(['slack', 'json']).default('json').describe('the form of the message'),
  on: z
    .array(z.enum(['scorecard', 'newly_overdue', 'promise_missed', 'sync_failing', 'sync_recovered']))
    .min(1, 'must name at least one event')
    .describe('what to tell of')
    .meta({ examples: [['scorecard', 'newly_overdue']] }),
});

const portal = strict({
  token: z
    .string()
    .meta({ pattern: '^\\s*\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}\\s*$' })
    .describe("the portal's service key or private-app token, from the environment: `${NAME}`")
    .meta({ examples: ['${HUBSPOT_ACCESS_TOKEN}'] }),
  stages: stages
    .prefault({})
    .describe(
      'which stage has which role, by internal value; stages not named follow the order of the portal',
    ),
  clearGrace: elapsed
    .prefault('60 minutes')
    .describe('a cleared stage that is set again within this time was not left')
    .meta({ examples: ['90 minutes'] }),
  calendar: calendar.prefault({}).describe('the zone, the business hours and the holidays'),
  since: date
    .optional()
    .describe('the promises hold for passes opened from this date on; not given: all')
    .meta({ examples: ['2026-01-01'] }),
  sales: z
    .array(salesRule)
    .default([])
    .describe("sales' promises in order: the first whose conditions hold applies"),
  marketing: marketing.optional().describe("marketing's promise"),
  write: write.prefault({}).describe('the properties that results are written to'),
  budget: strict({
    ofBurst: share
      .prefault('90%')
      .describe('of the calls HubSpot allows in ten seconds, and of searches')
      .meta({ examples: ['50%'] }),
    ofDay: share
      .prefault('80%')
      .describe('of the daily calls; work stops while less than the rest is left')
      .meta({ examples: [0.5] }),
  })
    .prefault({})
    .describe("what we may use of the portal's API limits"),
  apiVersion: z
    .enum(['2026-09', '2026-03'])
    .default('2026-09')
    .describe("the version in HubSpot's API paths"),
  schedule: strict({
    poll: interval
      .prefault('every 5 minutes')
      .describe('how often `work` looks for changes: `every 5 minutes`, or `off`')
      .meta({ examples: ['every minute'] }),
    full: cron
      .prefault('0 3 * * 0')
      .describe("when `work` reads everything: a cron pattern in the calendar's zone, or `off`")
      .meta({ examples: ['0 3 * * *'] }),
    scorecard: cron
      .prefault('0 9 * * 1')
      .describe('when `work` sends the scorecard notice: a cron pattern, or `off`')
      .meta({ examples: ['off'] }),
  })
    .prefault({})
    .describe('when `handoff work` does what'),
  notify: z.array(notice).default([]).describe('who is told of what'),
});

/** Names of portals: they stand in ids, file names and the command line. */
const portalName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/, 'must be letters, digits, - and _ (at most 50)');

/** The whole file. */
export const configSchema = strict({
  portals: z
    .record(portalName, portal)
    .refine((portals) => Object.keys(portals).length > 0, 'must name at least one portal')
    .describe('the portals to work on, each under a name of your choice'),
});
