import type { IdentityTransaction } from '../database/tables.ts';
import { invalidArgument } from './invalid-argument.ts';
import { areRangesWithin, commonRanges, readIpRanges } from './ip-ranges.ts';

/** Where a key may be used: in these projects, environments and networks. Null does not restrict; an empty list lets nothing through. */
export interface Bindings {
  readonly projectIds: readonly string[] | null;
  readonly environmentIds: readonly string[] | null;
  readonly ipRanges: readonly string[] | null;
}

/** Left out: as it is. Null: not bound. */
export interface BindingsInput {
  readonly projectIds?: readonly string[] | null | undefined;
  readonly environments?: readonly string[] | null | undefined;
  readonly ipRanges?: readonly string[] | null | undefined;
}

/** Bindings as they stand in the store. */
export interface BindingColumns {
  readonly project_ids: string | null;
  readonly environment_ids: string | null;
  readonly ip_ranges: string | null;
}

const MAX_IDS = 50;

export function bindingsOf(row: BindingColumns): Bindings {
  return {
    projectIds: readList(row.project_ids),
    environmentIds: readList(row.environment_ids),
    ipRanges: readList(row.ip_ranges),
  };
}

export function columnsOf({ projectIds, environmentIds, ipRanges }: Bindings): BindingColumns {
  const write = (list: readonly string[] | null) => (list === null ? null : JSON.stringify(list));
  return {
    project_ids: write(projectIds),
    environment_ids: write(environmentIds),
    ip_ranges: write(ipRanges),
  };
}

/**
 * What a key is bound to after an input, beginning with what it is bound to now. Environments say which projects.
 * @throws CodedError BAD_USER_INPUT naming the argument, also for what is another organization's
 */
export async function readBindings(
  transaction: IdentityTransaction,
  organization: string,
  input: BindingsInput,
  before: Bindings,
): Promise<Bindings> {
  const { projectIds, environments, ipRanges } = input;
  const places =
    projectIds === undefined && environments === undefined
      ? before
      : await readPlaces(transaction, organization, {
          projectIds: projectIds === undefined ? before.projectIds : projectIds,
          environments: environments === undefined ? before.environmentIds : environments,
        });
  return {
    projectIds: places.projectIds,
    environmentIds: places.environmentIds,
    ipRanges:
      ipRanges === undefined ? before.ipRanges : ipRanges === null ? null : readIpRanges(ipRanges),
  };
}

async function readPlaces(
  transaction: IdentityTransaction,
  organization: string,
  wanted: {
    readonly projectIds: readonly string[] | null;
    readonly environments: readonly string[] | null;
  },
): Promise<Pick<Bindings, 'projectIds' | 'environmentIds'>> {
  const projectIds = readIds('projectIds', wanted.projectIds);
  const environmentIds = readIds('environments', wanted.environments);
  if (projectIds !== null) {
    const known = await transaction
      .selectFrom('project')
      .select('id')
      .where('organization_id', '=', organization)
      .where('id', 'in', projectIds)
      .execute();
    if (known.length !== projectIds.length) {
      throw invalidArgument('projectIds', 'A project is not there');
    }
  }
  if (environmentIds === null) return { projectIds, environmentIds };
  const known = await transaction
    .selectFrom('environment')
    .innerJoin('project', 'project.id', 'environment.project_id')
    .select('environment.project_id')
    .where('project.organization_id', '=', organization)
    .where('environment.id', 'in', environmentIds)
    .execute();
  const projects = [...new Set(known.map((row) => row.project_id))].sort();
  if (known.length !== environmentIds.length) {
    throw invalidArgument('environments', 'An environment is not there');
  }
  if (projectIds !== null && !projects.every((id) => projectIds.includes(id))) {
    throw invalidArgument('environments', 'An environment is of none of the projects');
  }
  return { projectIds: projects, environmentIds };
}

function readIds(argument: string, ids: readonly string[] | null): readonly string[] | null {
  if (ids === null) return null;
  const distinct = [...new Set(ids)].sort();
  if (distinct.length === 0 || distinct.length > MAX_IDS) {
    throw invalidArgument(argument, `"${argument}" holds 1 to ${MAX_IDS} ids, or is left out`);
  }
  return distinct;
}

/** Whether bindings let nothing through that others keep out. */
export function areBindingsWithin(bindings: Bindings, others: Bindings): boolean {
  const isWithin = (
    list: readonly string[] | null,
    other: readonly string[] | null,
    test: (list: readonly string[], other: readonly string[]) => boolean,
  ) => other === null || (list !== null && test(list, other));
  const isSubset = (list: readonly string[], other: readonly string[]) =>
    list.every((each) => other.includes(each));
  return (
    isWithin(bindings.projectIds, others.projectIds, isSubset) &&
    isWithin(bindings.environmentIds, others.environmentIds, isSubset) &&
    isWithin(bindings.ipRanges, others.ipRanges, areRangesWithin)
  );
}

/** What both let through. */
export function commonBindings(one: Bindings, other: Bindings): Bindings {
  const meet = (
    a: readonly string[] | null,
    b: readonly string[] | null,
    both: (a: readonly string[], b: readonly string[]) => readonly string[],
  ) => (a === null ? b : b === null ? a : both(a, b));
  const shared = (a: readonly string[], b: readonly string[]) => a.filter((id) => b.includes(id));
  return {
    projectIds: meet(one.projectIds, other.projectIds, shared),
    environmentIds: meet(one.environmentIds, other.environmentIds, shared),
    ipRanges: meet(one.ipRanges, other.ipRanges, commonRanges),
  };
}

export const unbound: Bindings = Object.freeze({
  projectIds: null,
  environmentIds: null,
  ipRanges: null,
});

function readList(json: string | null): readonly string[] | null {
  return json === null ? null : (JSON.parse(json) as readonly string[]);
}
