import { CodedError } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import { revokeWithMade } from '../api-keys/made-by.ts';
import { assertBelow } from '../assert-below.ts';
import type { ChangeOrigin, Changes } from '../changes.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { orTaken } from '../or-taken.ts';
import { insertProject } from '../projects/insert-project.ts';
import { readProjectName } from '../projects/project-name.ts';
import { readName } from '../readable-name.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import type { IdentitySettings } from '../settings.ts';
import { changeOrganization, requireSession } from './organization-change.ts';
import { FIRST_PROJECT, personOf } from './personal-organization.ts';
import { readSlug, slugOf } from './slug.ts';

export interface NewOrganizationInput {
  readonly name: string;
  readonly slug?: string | null;
}

export interface OrganizationInput {
  readonly name?: string | null;
  readonly slug?: string | null;
}

/** What can be done with organizations. Each answers the id, after the commit. */
export interface Organizations {
  /** @throws CodedError BAD_USER_INPUT, NAME_TAKEN, LIMIT_REACHED, FORBIDDEN for a key */
  create(origin: ChangeOrigin, input: NewOrganizationInput): Promise<string>;
  /** @throws CodedError BAD_USER_INPUT, NAME_TAKEN, NOT_FOUND, FORBIDDEN for all but owners */
  update(origin: ChangeOrigin, id: string, input: OrganizationInput): Promise<string>;
  /**
   * Ends an organization with its projects and memberships, and revokes its keys.
   * @throws CodedError PERSONAL_ORGANIZATION, NOT_FOUND, FORBIDDEN for all but owners with a session
   */
  delete(origin: ChangeOrigin, id: string): Promise<string>;
  /**
   * Makes it the organization in whose name the caller's session speaks.
   * @throws CodedError NOT_FOUND, FORBIDDEN for a key
   */
  switchTo(origin: ChangeOrigin, id: string): Promise<string>;
}

export function createOrganizations(changes: Changes, settings: IdentitySettings): Organizations {
  return {
    async create(origin, input) {
      const person = requireSession(origin);
      const name = readName(input.name);
      const slug = input.slug == null ? slugOf(name) : readSlug(input.slug);
      return changes.run(person, async ({ transaction, actor, now }) => {
        const { subject } = actor.caller;
        await assertMayOwnMore(transaction, subject, settings.organizations.maxOwned);
        const createdAt = new Date(now).toISOString();
        const id = newId('org');
        await orTaken('slug', () =>
          transaction.insertInto('organization').values({ id, name, slug, createdAt }).execute(),
        );
        await transaction
          .insertInto('member')
          .values({
            id: newId('member'),
            organizationId: id,
            userId: subject,
            role: 'owner',
            createdAt,
          })
          .execute();
        await insertProject(transaction, id, readProjectName(FIRST_PROJECT), now);
        return id;
      });
    },

    async update(origin, id, input) {
      const name = input.name == null ? undefined : readName(input.name);
      const slug = input.slug == null ? undefined : readSlug(input.slug);
      if (name === undefined && slug === undefined) {
        throw new CodedError('BAD_USER_INPUT', 'Nothing is to be changed');
      }
      const wanted = { organizationId: id, standing: 'own' } as const;
      await changeOrganization(changes, origin, wanted, ({ transaction }) =>
        orTaken('slug', () =>
          transaction
            .updateTable('organization')
            .set({ ...(name !== undefined && { name }), ...(slug !== undefined && { slug }) })
            .where('id', '=', id)
            .execute(),
        ),
      );
      return id;
    },

    async delete(origin, id) {
      const person = requireSession(origin);
      const wanted = { organizationId: id, standing: 'own' } as const;
      await changeOrganization(changes, person, wanted, async ({ transaction, now }) => {
        const person = await transaction
          .selectFrom('user')
          .select('id')
          .where('id', '=', personOf(id))
          .executeTakeFirst();
        if (person !== undefined) throw new CodedError('PERSONAL_ORGANIZATION');
        await revokeWithMade(transaction, { organization: id }, now);
        await transaction.deleteFrom('organization').where('id', '=', id).execute();
      });
      return id;
    },

    async switchTo(origin, id) {
      const person = requireSession(origin);
      await changes.run(person, async ({ transaction, actor }) => {
        const { subject, credentialId } = actor.caller;
        if ((await readLiveRights(transaction, subject, id)) === null) {
          throw new CodedError('NOT_FOUND');
        }
        const { numUpdatedRows } = await transaction
          .updateTable('session')
          .set({ activeOrganizationId: id })
          .where('id', '=', credentialId)
          .where('userId', '=', subject)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new CodedError('UNAUTHENTICATED');
      });
      return id;
    },
  };
}

async function assertMayOwnMore(
  transaction: IdentityTransaction,
  userId: string,
  max: number,
): Promise<void> {
  const { count } = await transaction
    .selectFrom('member')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('userId', '=', userId)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow();
  assertBelow(count, 'organizations.maxOwned', max);
}
