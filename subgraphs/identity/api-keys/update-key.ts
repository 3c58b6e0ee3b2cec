import { CodedError } from '#contract/errors.ts';
import { type CustomScopes, permissionsOf } from '#contract/permissions/scope.ts';
import type { Change } from '../changes.ts';
import { readCustomScopes } from '../rights/custom-scopes.ts';
import { readLiveRights } from '../rights/live-rights.ts';
import { isWithinByName } from '../rights/within-by-name.ts';
import {
  type ApiKeyRecord,
  type RightsColumns,
  recordColumns,
  recordOf,
  rightsColumnsOf,
  rightsOf,
} from './api-key-record.ts';
import {
  areBindingsWithin,
  type Bindings,
  type BindingsInput,
  bindingsOf,
  columnsOf,
  readBindings,
} from './bindings.ts';
import { requireRights } from './create-key.ts';
import { endsWithin } from './decide-new-key.ts';
import { argumentOf, type ExpiryInput, readExpiry } from './expiry.ts';
import { invalidArgument } from './invalid-argument.ts';
import { givesAway, type KeyBounds } from './key-bounds.ts';
import { endWithinPolicy, readKeyPolicy } from './key-policy.ts';
import type { KeyMaking } from './key-with-text.ts';
import { narrowMade } from './narrow-made.ts';
import { boundsOfEditor, findReachable, type KeyRow, requireLive } from './reach.ts';
import { readName } from './read-name.ts';
import { type RightsInput, readRights } from './read-rights.ts';

/** `UpdateAPIKeyInput`, as GraphQL hands it over. What is left out stays as it is. */
export interface KeyUpdate extends ExpiryInput, RightsInput, BindingsInput {
  readonly name?: string | null | undefined;
}

/** Changes what a key is called, may do, where, and how long. What is taken from it is taken from what it made. */
export async function updateKey(
  change: Change,
  id: string,
  input: KeyUpdate,
  options: KeyMaking,
): Promise<ApiKeyRecord> {
  const { transaction, now } = change;
  const before = await findReachable(change, id);
  requireLive(before, now);
  const custom = await readCustomScopes(transaction, before.organization_id);
  const editor = await boundsOfEditor(change, before, custom);
  const name = input.name === undefined || input.name === null ? before.name : readName(input.name);
  const rights = await decideRights(change, before, input, editor, custom);
  const expiresAt = await decideEnd(change, before, input, editor, options);
  const bindings = await decideBindings(change, before, input, editor);
  const row = await transaction
    .updateTable('api_key')
    .set({
      name,
      ...rights,
      expires_at: expiresAt,
      ...columnsOf(bindings),
    })
    .where('id', '=', id)
    .returning(recordColumns)
    .executeTakeFirstOrThrow();
  await narrowMade(transaction, id, custom);
  return recordOf(row);
}

async function decideRights(
  { transaction }: Change,
  before: KeyRow,
  input: RightsInput,
  editor: readonly KeyBounds[],
  custom: CustomScopes,
): Promise<RightsColumns> {
  const rights = readRights(input);
  if (rights === null) return { scopes: before.scopes, grants: before.grants };
  const { scopes, grants } = rights;
  const had = rightsOf(before, custom);
  const wanted = permissionsOf(scopes, custom, grants);
  if (!isWithinByName(wanted, had, custom)) {
    const mayGive = editor.every((bounds) => givesAway(bounds, wanted, custom, had));
    const owner = await readLiveRights(transaction, before.owner_id, before.organization_id);
    if (!mayGive || owner === null) throw new CodedError('FORBIDDEN');
    requireRights(owner, wanted, custom, had);
  }
  return rightsColumnsOf(scopes, grants, custom);
}

async function decideEnd(
  { transaction, now }: Change,
  before: KeyRow,
  input: ExpiryInput,
  editor: readonly KeyBounds[],
  { settings }: KeyMaking,
): Promise<number | null> {
  const asked = readExpiry(input, now);
  if (asked === null) return before.expires_at;
  const policy = await readKeyPolicy(transaction, settings, before.organization_id ?? '', now);
  const argument = argumentOf(input);
  const end = endWithinPolicy(asked, policy, argument, now);
  if (!editor.every((bounds) => endsWithin(end, bounds))) {
    throw invalidArgument(argument, 'A key cannot live longer than the key it is made with');
  }
  return end;
}

async function decideBindings(
  { transaction }: Change,
  before: KeyRow,
  input: BindingsInput,
  editor: readonly KeyBounds[],
): Promise<Bindings> {
  const old = bindingsOf(before);
  const { projectIds, environments, ipRanges } = input;
  if (projectIds === undefined && environments === undefined && ipRanges === undefined) return old;
  const organization = before.organization_id ?? '';
  const bindings = await readBindings(transaction, organization, input, old);
  if (!editor.every((bounds) => areBindingsWithin(bindings, bounds.bindings))) {
    throw new CodedError('FORBIDDEN');
  }
  return bindings;
}
