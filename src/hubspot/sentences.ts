/**
 * HubSpot's error sentences with everything taken out that could be a value. They embed what was sent and what contacts
 * carry, e-mail addresses among it, quoted or not ("x was not one of the allowed options"), so only words of HubSpot's
 * own stay.
 */
const HUBSPOT_WORDS = new Set(
  `a above access account after all allowed already an and any api are as at authentication batch be been before between
  because body by cannot character characters conditional contact contacts contain contains could create credentials daily date
  did does duplicate duplicates each email empty error errors exceeded exist existing exists expired failed field fields
  filter filters for format found from given greater group has have hubspot id ids in input inputs internal invalid is
  it json large least length less limit list locked maximum merged message minimum missing more must name names no not
  null number numbers object objects of on one only operator option options or over parameter permission permissions
  portal problem properties property provided query rate read reached refused rejected record records request requests required requires
  resource rule rules scope scopes search secondly should size supported than that the there this time timestamp to token
  too type unable unique unknown unsupported update updated url used user valid validation value values was were when
  which with within without write you your`.split(/\s+/),
);
const LONGEST = 160;

/** The sentence with "…" for every word that may be a value; empty when nothing of HubSpot's own is left. */
export function withoutValues(message: string): string {
  const bare = message.replace(/[[{].*$/s, '').replaceAll(/(["'`“]).*?(\1|”)/gs, '…');
  const words = bare.split(/\s+/).map((word) => (isHubSpots(word) ? word : '…'));
  const kept = words.filter((word, at) => word !== '…' || words[at - 1] !== '…');
  if (kept.every((word) => word === '…')) return '';
  return kept
    .join(' ')
    .replace(/:? ?…$/, ' …')
    .trim()
    .slice(0, LONGEST);
}

/** Names of properties, as HubSpot writes them, say what to mend and nothing of a contact. */
const PROPERTY_NAME = /^[a-z]+(_[a-z0-9]+)+$/;

function isHubSpots(word: string): boolean {
  const bare = word.replaceAll(/^\(|[.,:;!?)]+$/g, '');
  return HUBSPOT_WORDS.has(bare.toLowerCase()) || PROPERTY_NAME.test(bare);
}

/** Codes and properties inside the JSON that a validation message carries in its text, `CODE property` each. */
export function refusedProperties(message: string): string[] {
  const found: string[] = [];
  for (const [object] of message.matchAll(/\{[^{}]*\}/g)) {
    const code = /"error"\s*:\s*"([A-Z][A-Z0-9_]*)"/.exec(object)?.[1] ?? '';
    const name = /"name"\s*:\s*"([A-Za-z]\w*)"/.exec(object)?.[1] ?? '';
    if (code !== '') found.push(`${code} ${name}`.trim());
  }
  return found;
}
