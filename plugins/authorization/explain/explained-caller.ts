import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import type { Identity } from '#contract/identity.ts';
import { decide } from '#contract/permissions/decide.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';

/** Whom an explanation is about; whoever asks, where nobody is named. */
export interface ExplainedArguments {
  readonly apiKeyId?: string | null;
  readonly caller?: MadeUpCaller | null;
}

/** The input `ExplainedCaller`. */
export interface MadeUpCaller {
  readonly kind: 'ANONYMOUS' | 'SESSION' | 'KEY' | 'JWT';
  readonly scopes: readonly string[];
  readonly grants: readonly unknown[];
  readonly environment?: string | null;
}

/** What somebody has to MANAGE to have callers explained who are not theirs. */
const TARGET = { subgraph: 'authorization', type: 'Query', field: 'explainAccess' } as const;

/**
 * The caller that an explanation is about.
 * @throws CodedError NOT_FOUND for a key that is not theirs to know of as for one that there is not, and for one that
 *   lets nobody in; FORBIDDEN for a made-up caller without the right to MANAGE; BAD_USER_INPUT; IDENTITY_UNAVAILABLE
 */
export async function explainedCaller(
  { apiKeyId, caller }: ExplainedArguments,
  asker: Caller,
  identity: Pick<Identity, 'callerOfKey'> | undefined,
): Promise<Caller> {
  if (apiKeyId != null && caller != null) {
    throw new CodedError('BAD_USER_INPUT', 'Give either "apiKeyId" or "caller"', {
      extensions: { argument: 'caller' },
    });
  }
  if (apiKeyId != null) return callerOfKey(apiKeyId, asker, identity);
  if (caller == null) return asker;
  const { permissions, environment } = asker;
  const right = decide(permissions, { action: 'MANAGE', target: TARGET, environment });
  if (right.outcome !== 'allow') throw new CodedError('FORBIDDEN');
  return madeUp(caller, asker);
}

async function callerOfKey(
  id: string,
  asker: Caller,
  identity: Pick<Identity, 'callerOfKey'> | undefined,
): Promise<Caller> {
  const answer = (await identity?.callerOfKey(id, asker)) ?? { kind: 'unknown' };
  switch (answer.kind) {
    case 'works':
      // The policies of the request count for it.
      return id === asker.credentialId ? asker : answer.caller;
    case 'ended': {
      const { status } = answer;
      throw new CodedError('NOT_FOUND', `This key lets nobody in: it is ${status}`, {
        extensions: { status },
      });
    }
    case 'unknown':
      throw new CodedError('NOT_FOUND');
  }
}

/** Nobody whose name tells anything: rules look at kind, rights and environment alone. */
function madeUp({ kind, scopes, grants, environment }: MadeUpCaller, asker: Caller): Caller {
  const permissions = permissionsOf(scopes, undefined, readGrants([...grants]));
  const rights = { ...anonymousCaller, permissions, environment: environment ?? null };
  if (kind === 'ANONYMOUS') return Object.freeze(rights);
  return Object.freeze({
    ...rights,
    kind: kinds[kind],
    subject: 'made-up',
    organization: asker.organization,
  });
}

const kinds = { SESSION: 'session', KEY: 'key', JWT: 'jwt' } as const;
