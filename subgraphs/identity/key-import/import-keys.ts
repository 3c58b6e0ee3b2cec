import { CodedError, type ErrorCode } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import { type CustomScopes, permissionsOf } from '#contract/permissions/scope.ts';
import {
  type ApiKeyRecord,
  recordColumns,
  recordOf,
  rightsColumnsOf,
} from '../api-keys/api-key-record.ts';
import { areBindingsWithin, unbound } from '../api-keys/bindings.ts';
import { requireRights, requireRoom } from '../api-keys/create-key.ts';
import { decideNewKey, type NewKeyInput } from '../api-keys/decide-new-key.ts';
import { invalidArgument } from '../api-keys/invalid-argument.ts';
import { boundsOfActor, type KeyBounds } from '../api-keys/key-bounds.ts';
import { type KeyPolicy, readKeyPolicy } from '../api-keys/key-policy.ts';
import type { KeySettings } from '../api-keys/key-settings.ts';
import type { KeyCandidate, KeyTexts } from '../api-keys/key-texts.ts';
import type { Change, ChangeOrigin, Changes } from '../changes.ts';
import type { IdentityTransaction } from '../database/tables.ts';
import { readCustomScopes } from '../rights/custom-scopes.ts';
import { readDigest } from './read-digest.ts';
import { readImportOwner } from './read-import-owner.ts';

/** `ImportedAPIKeyInput`, as GraphQL hands it over. */
export interface ImportedKeyInput extends NewKeyInput {
  /** SHA-256 of the key, as hex or base64. */
  readonly hash: string;
  readonly ownerId?: string | null | undefined;
}

/** `ImportAPIKeysInput`. */
export interface ImportInput {
  readonly prefix: string;
  readonly keys: readonly ImportedKeyInput[];
}

/** What became of one key, in the place that it had in the input. */
export interface ImportOutcome {
  readonly index: number;
  /** The key: new, or as it is there since an earlier import. Null when it was refused. */
  readonly apiKey: ApiKeyRecord | null;
  readonly isNew: boolean;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
}

/** How many may be imported at once: the transaction has the organization for itself. */
export const MAX_IMPORTED = 100;

export interface ImportKeysOptions {
  readonly changes: Changes;
  readonly texts: KeyTexts;
  readonly settings: KeySettings;
  readonly prefixes: readonly string[];
}

/**
 * Takes in keys of another system, of which only the hashes are known: whoever holds them goes on using them. Each is
 * decided for itself; one that is there already stays as it is.
 *
 * @throws CodedError FORBIDDEN to all but those who govern the organization, BAD_USER_INPUT for a prefix that is not
 *   registered or too many keys
 */
export type ImportKeys = (
  origin: ChangeOrigin,
  input: ImportInput,
) => Promise<readonly ImportOutcome[]>;

export function createImportKeys(options: ImportKeysOptions): ImportKeys {
  const { changes, prefixes, settings } = options;
  return (origin, { prefix, keys }) =>
    changes.run(origin, async (change) => {
      const { transaction, actor, now } = change;
      const { organization } = actor.caller;
      if (!actor.governs || organization === null) throw new CodedError('FORBIDDEN');
      if (!prefixes.includes(prefix)) {
        throw invalidArgument('prefix', 'The deployment has registered no such prefix of keys');
      }
      if (keys.length === 0 || keys.length > MAX_IMPORTED) {
        throw invalidArgument('keys', `"keys" holds 1 to ${MAX_IMPORTED} keys`);
      }
      const maker = await boundsOfActor(transaction, actor);
      // A key of another system knows no places: whoever is bound to some cannot hand that on.
      if (!areBindingsWithin(unbound, maker.bindings)) throw new CodedError('FORBIDDEN');
      const policy = await readKeyPolicy(transaction, settings, organization, now);
      const custom = await readCustomScopes(transaction, organization);
      const decided = { prefix, organization, maker, policy, custom };
      const outcomes: ImportOutcome[] = [];
      for (const [index, input] of keys.entries()) {
        outcomes.push({ index, ...(await importOrRefuse(change, input, decided, options)) });
      }
      return outcomes;
    });
}

interface Decided {
  readonly prefix: string;
  readonly organization: string;
  readonly maker: KeyBounds;
  readonly policy: KeyPolicy;
  readonly custom: CustomScopes;
}

type Outcome = Omit<ImportOutcome, 'index'>;

async function importOrRefuse(
  change: Change,
  input: ImportedKeyInput,
  decided: Decided,
  options: ImportKeysOptions,
): Promise<Outcome> {
  try {
    return { ...(await importKey(change, input, decided, options)), error: null };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const { code, message } = error;
    return { apiKey: null, isNew: false, error: { code, message } };
  }
}

/** It writes last: what is refused has written nothing. */
async function importKey(
  change: Change,
  input: ImportedKeyInput,
  { prefix, organization, maker, policy, custom }: Decided,
  { texts }: ImportKeysOptions,
): Promise<Pick<ImportOutcome, 'apiKey' | 'isNew'>> {
  const { transaction, actor, now } = change;
  const candidates = texts.foreignCandidatesOf(readDigest(input.hash));
  const known = await findKnown(transaction, candidates, organization);
  if (known !== undefined) return { apiKey: known, isNew: false };
  const owner = await readImportOwner(change, input);
  const { name, scopes, grants, expiresAt } = decideNewKey(input, maker, policy, custom, now);
  requireRights(owner.rights, permissionsOf(scopes, custom, grants), custom);
  await requireRoom(transaction, owner, policy, now);
  const [newest] = candidates;
  if (newest === undefined) throw new TypeError('there is no pepper');
  const row = await transaction
    .insertInto('api_key')
    .values({
      id: newId('key'),
      name,
      prefix,
      hash: newest.hash,
      hash_kind: newest.kind,
      pepper_version: newest.version,
      ...rightsColumnsOf(scopes, grants, custom),
      owner_id: owner.id,
      owner_kind: owner.kind,
      organization_id: organization,
      made_by: actor.keyId,
      created_at: now,
      expires_at: expiresAt,
      revoked_at: null,
    })
    // Another organization may take it in at this moment.
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .returning(recordColumns)
    .executeTakeFirst();
  if (row === undefined) throw new CodedError('KEY_EXISTS');
  return { apiKey: recordOf(row), isNew: true };
}

/** @throws CodedError KEY_EXISTS when it is another organization's */
async function findKnown(
  transaction: IdentityTransaction,
  candidates: readonly KeyCandidate[],
  organization: string,
): Promise<ApiKeyRecord | undefined> {
  const hashes = candidates.map(({ hash }) => hash);
  const row = await transaction
    .selectFrom('api_key')
    .select(recordColumns)
    .where((is) => is.or([is('hash', 'in', hashes), is('former_hash', 'in', hashes)]))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.organization_id !== organization) throw new CodedError('KEY_EXISTS');
  return recordOf(row);
}
