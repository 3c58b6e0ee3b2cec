import { type Identity, SEQUENCE_HEADER } from '#contract/identity.ts';
import type { AskIdentity } from '#gateway/plugin.ts';
import { headersOf } from './sign-in-proxy.ts';

/** Sign-up, sign-in and sign-out for routes that offer them in another form. */
export function askIdentity(
  identity: Identity,
  hearOf: (sequence: unknown) => Promise<void>,
): AskIdentity {
  return async (request, path, body, cookies) => {
    const response = await identity.forward({
      method: 'POST',
      url: path,
      headers: {
        ...headersOf(request),
        accept: 'application/json',
        'content-type': 'application/json',
        ...(cookies !== undefined && { cookie: cookies }),
      },
      body: Buffer.from(JSON.stringify(body)),
    });
    // Who has signed out is signed out here, too, when they are told so.
    await hearOf(response.headers[SEQUENCE_HEADER]);
    return response;
  };
}
