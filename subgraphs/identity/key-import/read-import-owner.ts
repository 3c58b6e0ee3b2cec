import { CodedError } from '#contract/errors.ts';
import { type KeyOwner, readOwner } from '../api-keys/reach.ts';
import type { Change } from '../changes.ts';
import { readLiveRights } from '../rights/live-rights.ts';

/**
 * Whose an imported key is to be: the importer's, a service account's, or a member's.
 *
 * Whoever knows a key of a member can act as them, so that only an owner of the organization, in a session, hands
 * out keys of others.
 * @throws CodedError NOT_FOUND for somebody who is no member, FORBIDDEN, BAD_USER_INPUT
 */
export async function readImportOwner(
  change: Change,
  input: {
    readonly ownerId?: string | null | undefined;
    readonly serviceAccountId?: string | null | undefined;
  },
): Promise<KeyOwner> {
  const { transaction, actor } = change;
  const { subject } = actor.caller;
  const { ownerId, serviceAccountId } = input;
  if (ownerId && serviceAccountId) {
    throw new CodedError('BAD_USER_INPUT', 'Give either "ownerId" or "serviceAccountId"', {
      extensions: { argument: 'serviceAccountId' },
    });
  }
  if (!ownerId || ownerId === subject) return readOwner(change, serviceAccountId);
  if (actor.role !== 'owner' || !actor.isInPerson) throw new CodedError('FORBIDDEN');
  const organization = actor.caller.organization ?? '';
  const member = await transaction
    .selectFrom('member')
    .select('id')
    .where('userId', '=', ownerId)
    .where('organizationId', '=', organization)
    .executeTakeFirst();
  const rights = member && (await readLiveRights(transaction, ownerId, organization));
  if (!rights) throw new CodedError('NOT_FOUND');
  return { id: ownerId, kind: 'user', organization, rights };
}
