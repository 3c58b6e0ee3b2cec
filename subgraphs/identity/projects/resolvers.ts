import { CodedError } from '#contract/errors.ts';
import {
  type KnownCaller,
  type Resolvers,
  requireCaller,
  requireSome,
  resolveReference,
  type SubgraphContext,
} from '#subgraphs/kit/index.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { mayManage } from '../organizations/resolvers.ts';
import type {
  SeeOrganizations,
  VisibleOrganization,
} from '../organizations/visible-organizations.ts';
import type { EnvironmentInput, Environments, NewEnvironmentInput } from './environments.ts';
import { findProject, isWithinBinding } from './find-project.ts';
import type { ProjectReader } from './project-reader.ts';
import type { EnvironmentRecord, ProjectRecord } from './project-record.ts';
import type { Projects } from './projects.ts';

export interface ProjectResolverParts {
  readonly database: IdentityDatabase;
  readonly projects: Projects;
  readonly environments: Environments;
  readonly reader: ProjectReader;
  readonly seeOrganizations: SeeOrganizations;
}

interface Named {
  readonly id: string;
}

export function projectResolvers(parts: ProjectResolverParts): Resolvers {
  const { database, projects, environments, reader, seeOrganizations } = parts;

  /** The organizations of the caller, the one in whose name they call first. */
  async function organizationsOf(caller: KnownCaller): Promise<readonly string[]> {
    const ids = (await seeOrganizations(caller)).map(({ id }) => id);
    return ids.toSorted(
      (a, b) => Number(b === caller.organization) - Number(a === caller.organization),
    );
  }

  async function visible(project: ProjectRecord | undefined, caller: KnownCaller) {
    if (project === undefined || !isWithinBinding(caller, project.id)) return null;
    const mine = await organizationsOf(caller);
    return mine.includes(project.organizationId) ? project : null;
  }

  return {
    Query: {
      async project(
        _: unknown,
        { id, name }: { readonly id?: string | null; readonly name?: string | null },
        context,
      ) {
        const caller = mayRead(context);
        if ((id == null) === (name == null)) {
          throw new CodedError('BAD_USER_INPUT', 'Give either "id" or "name"');
        }
        const found =
          id == null
            ? await findProject(database, await organizationsOf(caller), name ?? '')
            : await reader.project(id);
        const project = await visible(found ?? undefined, caller);
        if (project === null) throw new CodedError('NOT_FOUND');
        return project;
      },
    },
    Mutation: {
      async createProject(_: unknown, { input }: { readonly input: CreateInput }, context) {
        const { organization } = requireCaller(mayManage(context));
        const organizationId = input.organizationId ?? organization ?? '';
        return projects.create(context, { organizationId, name: input.name });
      },
      renameProject: (_: unknown, { id, name }: Named & { readonly name: string }, context) =>
        projects.rename(mayManage(context), id, name),
      deleteProject: (_: unknown, { id }: Named, context) =>
        projects.delete(mayManage(context), id),
      createEnvironment: (_: unknown, { input }: { input: NewEnvironmentInput }, context) =>
        environments.create(mayManage(context), input),
      updateEnvironment: (
        _: unknown,
        { id, input }: Named & { input: EnvironmentInput },
        context,
      ) => environments.update(mayManage(context), id, input),
      deleteEnvironment: (_: unknown, { id }: Named, context) =>
        environments.delete(mayManage(context), id),
    },
    Organization: {
      async projects({ id }: VisibleOrganization, _: unknown, context) {
        const caller = mayRead(context);
        const all = await reader.projectsOf(id);
        return all.filter((project) => isWithinBinding(caller, project.id));
      },
    },
    Project: {
      __resolveReference: resolveReference(async ({ id }, context) =>
        visible(await reader.project(id), mayRead(context)),
      ),
      async organization({ organizationId }: ProjectRecord, _: unknown, context) {
        const mine = await seeOrganizations(requireCaller(context));
        return mine.find(({ id }) => id === organizationId) ?? null;
      },
      async environments({ id }: ProjectRecord, _: unknown, context) {
        const caller = mayRead(context);
        const all = await reader.environmentsOf(id);
        return all.filter((environment) => isWithinBinding(caller, id, environment.id));
      },
    },
    Environment: {
      __resolveReference: resolveReference(async ({ id }, context) => {
        const caller = mayRead(context);
        const environment = await reader.environment(id);
        if (environment === undefined) return null;
        const { projectId } = environment;
        if (!isWithinBinding(caller, projectId, id)) return null;
        const project = await visible(await reader.project(projectId), caller);
        return project === null ? null : environment;
      }),
      project: async ({ projectId }: EnvironmentRecord) =>
        (await reader.project(projectId)) ?? null,
    },
  };
}

interface CreateInput {
  readonly organizationId?: string | null;
  readonly name: string;
}

function mayRead(context: SubgraphContext): KnownCaller {
  const caller = requireCaller(context);
  requireSome(context, { subgraph: 'identity', type: 'Project' });
  return caller;
}
