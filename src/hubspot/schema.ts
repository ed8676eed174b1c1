/** What is used of HubSpot's answers, and no more: other fields may come and go. */
import { z } from 'zod';
import { ErrorBody } from './answers.ts';

const id = z.union([z.string(), z.number()]).transform(String);
const recordId = id.refine((text) => /^\d+$/.test(text));

/** One element that is not as documented must not lose the page: it is left out. */
function goodOnes<T>(element: z.ZodType<T>) {
  return z.array(z.unknown()).transform((all) =>
    all.flatMap((one) => {
      const checked = element.safeParse(one);
      return checked.success ? [checked.data] : [];
    }),
  );
}

const HistoryValue = z.object({
  value: z
    .union([z.string(), z.number(), z.boolean()])
    .nullish()
    .transform((value) => String(value ?? '')),
  timestamp: z.union([z.string(), z.number()]).transform((text, context) => {
    const instant = instantOf(String(text));
    if (instant !== null) return instant;
    context.addIssue({ code: 'custom', message: 'no instant' });
    return z.NEVER;
  }),
  sourceType: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  sourceId: id.nullish().catch(null),
});

/** A contact. `null` properties are blank. */
export const ContactObject = z.object({
  id: recordId,
  properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable()).nullish(),
  propertiesWithHistory: z.record(z.string(), z.array(HistoryValue)).nullish(),
  updatedAt: z.union([z.string(), z.number()]).nullish(),
});
/** A contact as answered. */
export type ContactObject = z.infer<typeof ContactObject>;

/** A contact come upon: only the id must be there. */
const FoundObject = z.object({
  id: recordId,
  properties: z.record(z.string(), z.unknown()).nullish().catch(null),
  updatedAt: z.union([z.string(), z.number()]).nullish().catch(null),
});
/** A contact come upon as answered. */
export type FoundObject = z.infer<typeof FoundObject>;

/** Batch answers carry `errors` on any 2xx: v3 says 207, 2026-09 documents only 200. */
export const BatchAnswer = z.object({
  results: goodOnes(ContactObject)
    .nullish()
    .transform((all) => all ?? []),
  numErrors: z.number().nullish(),
  errors: z
    .array(ErrorBody.catch({}))
    .nullish()
    .transform((all) => all ?? []),
});

const Paging = z.object({ next: z.object({ after: id }).nullish() }).nullish();

/** A page of a search or of the list. */
export const ContactsPage = z.object({ results: goodOnes(FoundObject), paging: Paging });

const Option = z.object({
  value: z.string(),
  label: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  displayOrder: z
    .number()
    .nullish()
    .transform((place) => place ?? -1),
  hidden: z.boolean().nullish(),
  description: z.string().nullish(),
});

/** The definition of a property. */
export const PropertyObject = z.object({
  name: z.string(),
  label: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  type: z.string(),
  fieldType: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  options: z
    .array(Option)
    .nullish()
    .transform((all) => all ?? []),
  archived: z.boolean().nullish(),
});
/** A property definition as answered. */
export type PropertyObject = z.infer<typeof PropertyObject>;

/** All property definitions: this list comes without pages. */
export const PropertiesPage = z.object({ results: goodOnes(PropertyObject) });

/** The account: its number, as text, and its IANA zone. */
export const AccountObject = z.object({ portalId: id, timeZone: z.string() });

/** Today's use of the daily limit, in calls; `resetsAt` as ISO text or epoch ms. */
export const UsageAnswer = z.object({
  results: goodOnes(
    z.object({
      usageLimit: z.number(),
      currentUsage: z.number(),
      resetsAt: z.union([z.string(), z.number()]),
    }),
  ),
});

/** What other kinds of token are told is not documented; an answer without scopes tells none. */
export const TokenAnswer = z.object({ scopes: z.array(z.string()).nullable() }).catch({ scopes: null });

/** A page of owners with their teams. */
export const OwnersPage = z.object({
  results: goodOnes(
    z.object({
      id,
      firstName: z.string().nullish(),
      lastName: z.string().nullish(),
      teams: z.array(z.object({ name: z.string(), primary: z.boolean().nullish() })).nullish(),
    }),
  ),
  paging: Paging,
});

/** An answer whose body nobody looks at. */
export const Anything = z.unknown();

/** An instant as HubSpot writes them, ISO 8601 or epoch ms, as ms; null for anything else. */
export function instantOf(text: string | number | null | undefined): number | null {
  if (text === null || text === undefined || text === '') return null;
  const instant = /^-?\d+$/.test(String(text)) ? Number(text) : Date.parse(String(text));
  return Number.isFinite(instant) ? instant : null;
}
