import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { CodedError } from '#contract/errors.ts';
import { currentChangeContext, inChangeContext } from '#subgraphs/kit/index.ts';
import type { KeyHolder, KeyHolders } from './key-holders.ts';

/**
 * `POST /sign-in/api-key` of better-auth: a session like any other, opened by a key. It asks for no second factor, as
 * the key was made by somebody who had given theirs, and it never counts as young (see `assertItIsThem`).
 */
export function keySignIn(holders: KeyHolders): BetterAuthPlugin {
  return {
    id: 'api-key-sign-in',
    endpoints: {
      signInApiKey: createAuthEndpoint('/sign-in/api-key', { method: 'POST' }, async (context) => {
        const { internalAdapter } = context.context;
        const holder = await told(() => holders.find(keyOf(context.body)));
        const user = await internalAdapter.findUserById(holder.userId);
        if (user === null) throw refusal(new CodedError('UNAUTHENTICATED'));
        const session = await asKey(holder, async () => {
          const made = await internalAdapter.createSession(
            user.id,
            false,
            {
              activeOrganizationId: holder.organization,
              ...(holder.endsAt !== null && { expiresAt: endOf(holder.endsAt, context.context) }),
            },
            true,
          );
          await told(() => holders.tie(made.id, holder));
          return made;
        });
        await setSessionCookie(context, { session, user });
        return context.json({
          redirect: false,
          token: session.token,
          session: { id: session.id },
          user: { id: user.id },
        });
      }),
    },
  };
}

function keyOf(body: unknown): string {
  const key = typeof body === 'object' && body !== null && 'key' in body ? body.key : undefined;
  if (typeof key === 'string') return key;
  throw new CodedError('BAD_USER_INPUT', '"key" must be a text');
}

/** Never later than a session without a key would end. */
function endOf(
  endsAt: number,
  { sessionConfig }: { readonly sessionConfig: { readonly expiresIn: number } },
): Date {
  return new Date(Math.min(endsAt, Date.now() + sessionConfig.expiresIn * 1_000));
}

/** The log says that it was the key. */
function asKey<T>({ userId, keyId }: KeyHolder, work: () => Promise<T>): Promise<T> {
  const context = currentChangeContext();
  if (context === undefined) throw new TypeError('a sign-in runs in the context of its request');
  return inChangeContext(
    { ...context, actorKind: 'key', actorId: userId, credentialId: keyId },
    work,
  );
}

/** better-auth tells the errors that it knows, and hides all others. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CodedError ? refusal(error) : error;
  }
}

function refusal({ code, message }: CodedError): APIError {
  const status =
    code === 'UNAUTHENTICATED'
      ? 'UNAUTHORIZED'
      : code === 'FORBIDDEN'
        ? 'FORBIDDEN'
        : 'BAD_REQUEST';
  return new APIError(status, { code, message });
}
