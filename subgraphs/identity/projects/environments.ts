import { CodedError } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import { assertBelow } from '../assert-below.ts';
import type { ChangeOrigin } from '../changes.ts';
import { orTaken } from '../or-taken.ts';
import type { IdentitySettings } from '../settings.ts';
import { changeEnvironment } from './environment-change.ts';
import { FIRST_ENVIRONMENT, readEnvironmentName } from './environment-name.ts';
import { changeProject, type ProjectParts } from './project-change.ts';
import { type EnvironmentRecord, environmentColumns, environmentOf } from './project-record.ts';

export interface NewEnvironmentInput {
  readonly projectId: string;
  readonly name: string;
  readonly isProduction?: boolean | null;
}

export interface EnvironmentInput {
  readonly name?: string | null;
  readonly isProduction?: boolean | null;
}

/**
 * What can be done with the environments of a project, by whoever governs its organization.
 *
 * All throw CodedError NOT_FOUND for an unknown as for a foreign one, and FORBIDDEN.
 */
export interface Environments {
  /** @throws CodedError BAD_USER_INPUT, NAME_TAKEN, LIMIT_REACHED */
  create(origin: ChangeOrigin, input: NewEnvironmentInput): Promise<EnvironmentRecord>;
  /** @throws CodedError BAD_USER_INPUT, also for another name of `master`; NAME_TAKEN */
  update(origin: ChangeOrigin, id: string, input: EnvironmentInput): Promise<EnvironmentRecord>;
  /** Ends it for good. @throws CodedError BAD_USER_INPUT for `master` */
  delete(origin: ChangeOrigin, id: string): Promise<string>;
}

export function createEnvironments(parts: ProjectParts, settings: IdentitySettings): Environments {
  return {
    async create(origin, { projectId, name: text, isProduction }) {
      const name = readEnvironmentName(text);
      return changeProject(parts, origin, { projectId }, async ({ transaction, now }) => {
        const { count } = await transaction
          .selectFrom('environment')
          .select(({ fn }) => fn.countAll<number | string>().as('count'))
          .where('project_id', '=', projectId)
          .executeTakeFirstOrThrow();
        const { maxEnvironments } = settings.organizations;
        assertBelow(count, 'organizations.maxEnvironments', maxEnvironments);
        const row = await orTaken('name', () =>
          transaction
            .insertInto('environment')
            .values({
              id: newId('environment'),
              project_id: projectId,
              name,
              is_production: isProduction === true ? 1 : 0,
              created_at: now,
            })
            .returning(environmentColumns)
            .executeTakeFirstOrThrow(),
        );
        return environmentOf(row);
      });
    },

    async update(origin, id, { name: text, isProduction }) {
      const name = text == null ? undefined : readEnvironmentName(text);
      if (name === undefined && isProduction == null) {
        throw new CodedError('BAD_USER_INPUT', 'Nothing is to be changed');
      }
      return changeEnvironment(parts, origin, id, async ({ transaction }, before) => {
        if (name !== undefined && name !== before.name) refuseMaster(before);
        const row = await orTaken('name', () =>
          transaction
            .updateTable('environment')
            .set({
              ...(name !== undefined && { name }),
              ...(isProduction != null && { is_production: isProduction ? 1 : 0 }),
            })
            .where('id', '=', id)
            .returning(environmentColumns)
            .executeTakeFirstOrThrow(),
        );
        return environmentOf(row);
      });
    },

    delete: (origin, id) =>
      changeEnvironment(parts, origin, id, async ({ transaction }, before) => {
        refuseMaster(before);
        await transaction.deleteFrom('environment').where('id', '=', id).execute();
        return id;
      }),
  };
}

function refuseMaster({ name }: EnvironmentRecord): void {
  if (name !== FIRST_ENVIRONMENT) return;
  throw new CodedError(
    'BAD_USER_INPUT',
    `Every project has its environment "${FIRST_ENVIRONMENT}"`,
  );
}
