/** Which role each lifecycle stage of a portal plays in the hand-over. */
import { editDistance } from './edit-distance.ts';
import { ROLES, type Role } from './types.ts';

/** Roles as RevOps wrote them, by internal stage value; `retired` speaks of stages deleted in HubSpot. */
export interface RoleAssignment {
  readonly assigned: Readonly<Partial<Record<Role, readonly string[]>>>;
  readonly retired: Readonly<Record<string, Role>>;
}

/** A stage as the portal has it. */
export interface PortalStage {
  readonly value: string;
  readonly label: string;
  readonly displayOrder: number;
}

/** HubSpot's stage for contacts that fit nowhere; lost unless assigned otherwise. */
const OTHER = 'other';

/**
 * Gives every stage its role: as assigned, else by its place in the portal's own order. Faults are sentences for the
 * person who wrote the assignment; with any of them the roles are not to be used.
 */
export function assignRoles(
  assignment: RoleAssignment,
  stages: readonly PortalStage[],
): { roles: Map<string, Role>; faults: string[] } {
  const ordered = inPortalOrder(stages);
  const known = new Set(stages.map((stage) => stage.value));
  const roles = new Map<string, Role>();
  const faults: string[] = [];
  for (const { value, role, key, retired } of namedStages(assignment)) {
    const other = roles.get(value);
    if (!retired && !known.has(value)) faults.push(lackingStage(key, value, ordered));
    else if (other === undefined) roles.set(value, role);
    else if (other !== role)
      faults.push(`${key}: stage "${value}" has role ${other} already; give it one role`);
  }
  if (known.has(OTHER) && !roles.has(OTHER)) roles.set(OTHER, 'lost');
  faults.push(...missingRoles(assignment, roles, ordered));
  const undecided = ordered.filter((stage) => !roles.has(stage.value));
  if (undecided.length > 0) {
    faults.push(...wrongOrder(roles, ordered, undecided));
    assignByPlace(roles, ordered);
  }
  return { roles, faults };
}

/** Lowest `displayOrder` first; HubSpot shows options with -1 behind all others. Ties stay as given. */
function inPortalOrder(stages: readonly PortalStage[]): PortalStage[] {
  const place = ({ displayOrder }: PortalStage) => (displayOrder < 0 ? Infinity : displayOrder);
  return stages.toSorted((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}

function namedStages({ assigned, retired }: RoleAssignment) {
  return [
    ...ROLES.flatMap((role) =>
      (assigned[role] ?? []).map((value) => ({ value, role, key: `stages.${role}`, retired: false })),
    ),
    ...Object.entries(retired).map(([value, role]) => ({
      value,
      role,
      key: 'stages.retired',
      retired: true,
    })),
  ];
}

function missingRoles(
  { assigned }: RoleAssignment,
  roles: ReadonlyMap<string, Role>,
  ordered: readonly PortalStage[],
): string[] {
  const isNamed = (role: Role) => (assigned[role] ?? []).length > 0;
  const exists = (role: Role) => ordered.some((stage) => roles.get(stage.value) === role);
  return (['mql', 'sql'] as const)
    .filter((role) => !isNamed(role) && !exists(role))
    .map((role) => `stages.${role}: no stage has role ${role}; name at least one of ${listOf(ordered)}`);
}

function wrongOrder(
  roles: ReadonlyMap<string, Role>,
  ordered: readonly PortalStage[],
  undecided: readonly PortalStage[],
): string[] {
  const firstSql = ordered.findIndex((stage) => roles.get(stage.value) === 'sql');
  const lastMql = ordered.findLastIndex((stage) => roles.get(stage.value) === 'mql');
  if (firstSql < 0 || lastMql < firstSql) return [];
  return [
    `stages.mql: "${ordered[lastMql]!.value}" stands behind the sql stage "${ordered[firstSql]!.value}" in the ` +
      `portal's order, so places decide nothing; reorder them in HubSpot or give a role to ${listOf(undecided)} too`,
  ];
}

function assignByPlace(roles: Map<string, Role>, ordered: readonly PortalStage[]): void {
  const firstMql = ordered.findIndex((stage) => roles.get(stage.value) === 'mql');
  const lastSql = ordered.findLastIndex((stage) => roles.get(stage.value) === 'sql');
  for (const [place, { value }] of ordered.entries()) {
    if (roles.has(value)) continue;
    if (place < firstMql) roles.set(value, 'before');
    else roles.set(value, place > lastSql ? 'after' : 'accepted');
  }
}

function lackingStage(key: string, value: string, stages: readonly PortalStage[]): string {
  const nearest = nearestStage(value, stages);
  const advice =
    nearest === null
      ? `it has ${listOf(stages)}; a stage deleted in HubSpot goes under stages.retired`
      : `did you mean ${describe(nearest)}?`;
  return `${key}: the portal has no stage "${value}"; ${advice}`;
}

/** The stage whose value or label is closest by editing, if a third of the letters or fewer differ. */
function nearestStage(name: string, stages: readonly PortalStage[]): PortalStage | null {
  let nearest: PortalStage | null = null;
  let least = Math.floor(name.length / 3) + 1;
  for (const stage of stages) {
    const distance = Math.min(
      editDistance(simplify(name), simplify(stage.value)),
      editDistance(simplify(name), simplify(stage.label)),
    );
    if (distance < least) [nearest, least] = [stage, distance];
  }
  return nearest;
}

function simplify(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

function listOf(stages: readonly PortalStage[]): string {
  return stages.map(describe).join(', ');
}

function describe({ value, label }: PortalStage): string {
  return value === label ? value : `${value} (${label})`;
}
