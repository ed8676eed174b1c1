/** HubSpot's addresses: dated, because the v1–v4 paths end in September 2027 (developers.hubspot.com, legacy migration guide). */
export type ApiVersion = '2026-09' | '2026-03';

/** The addresses that handoff uses, for one version of the API. */
export function pathsOf(version: ApiVersion) {
  const contacts = `/crm/objects/${version}/contacts`;
  const properties = `/crm/properties/${version}/contacts`;
  return {
    contacts,
    contact: (id: string) => `${contacts}/${id}`,
    search: `${contacts}/search`,
    batchRead: `${contacts}/batch/read`,
    batchUpdate: `${contacts}/batch/update`,
    properties,
    property: (name: string) => `${properties}/${name}`,
    groups: `${properties}/groups`,
    account: `/account-info/${version}/details`,
    dailyUsage: `/account-info/${version}/api-usage/daily/private-apps`,
    owners: `/crm/owners/${version}`,
    tokenInfo: '/oauth/v2/private-apps/get/access-token-info',
  } as const;
}

/** The addresses of one version. */
export type Paths = ReturnType<typeof pathsOf>;
