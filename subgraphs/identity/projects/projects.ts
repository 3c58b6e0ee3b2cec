import { assertBelow } from '../assert-below.ts';
import type { ChangeOrigin } from '../changes.ts';
import { orTaken } from '../or-taken.ts';
import { changeOrganization } from '../organizations/organization-change.ts';
import type { IdentitySettings } from '../settings.ts';
import { insertProject } from './insert-project.ts';
import { changeProject, type ProjectParts } from './project-change.ts';
import { readProjectName } from './project-name.ts';
import { type ProjectRecord, projectColumns, projectOf } from './project-record.ts';

export interface NewProjectInput {
  readonly organizationId: string;
  readonly name: string;
}

/**
 * What can be done with projects, by whoever governs their organization.
 *
 * All throw CodedError NOT_FOUND for an unknown as for a foreign project or organization, and FORBIDDEN.
 */
export interface Projects {
  /** A project with its `master` environment. @throws CodedError BAD_USER_INPUT, NAME_TAKEN, LIMIT_REACHED */
  create(origin: ChangeOrigin, input: NewProjectInput): Promise<ProjectRecord>;
  /** @throws CodedError BAD_USER_INPUT, NAME_TAKEN */
  rename(origin: ChangeOrigin, id: string, name: string): Promise<ProjectRecord>;
  /** Ends a project and its environments for good; no id of them is ever used again. */
  delete(origin: ChangeOrigin, id: string): Promise<string>;
}

export function createProjects(parts: ProjectParts, settings: IdentitySettings): Projects {
  const { changes } = parts;
  return {
    async create(origin, { organizationId, name: text }) {
      const { name, key } = readProjectName(text);
      const wanted = { organizationId, standing: 'govern' } as const;
      return changeOrganization(changes, origin, wanted, async ({ transaction, now }) => {
        const { count } = await transaction
          .selectFrom('project')
          .select(({ fn }) => fn.countAll<number | string>().as('count'))
          .where('organization_id', '=', organizationId)
          .executeTakeFirstOrThrow();
        const { maxProjects } = settings.organizations;
        assertBelow(count, 'organizations.maxProjects', maxProjects);
        return orTaken('name', () =>
          insertProject(transaction, organizationId, { name, key }, now),
        );
      });
    },

    async rename(origin, id, text) {
      const { name, key } = readProjectName(text);
      return changeProject(parts, origin, { projectId: id }, async ({ transaction }) => {
        const row = await orTaken('name', () =>
          transaction
            .updateTable('project')
            .set({ name, name_key: key })
            .where('id', '=', id)
            .returning(projectColumns)
            .executeTakeFirstOrThrow(),
        );
        return projectOf(row);
      });
    },

    async delete(origin, id) {
      return changeProject(parts, origin, { projectId: id }, async ({ transaction }) => {
        // While the project is there, the log can say whose its environments were.
        await transaction.deleteFrom('environment').where('project_id', '=', id).execute();
        await transaction.deleteFrom('project').where('id', '=', id).execute();
        return id;
      });
    },
  };
}
