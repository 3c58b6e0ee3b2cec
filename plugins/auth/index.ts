import type { FastifyInstance } from 'fastify';
import { openCaller } from '#contract/caller.ts';
import type { Identity } from '#contract/identity.ts';
import { readSigningKeys } from '#contract/signing-keys.ts';
import { definePlugin } from '#gateway/plugin.ts';
import { admitConnection } from './admit-connection.ts';
import { authenticate } from './authenticate.ts';
import { CallerCache } from './caller-cache.ts';
import { ClaimsMinter } from './claims-minter.ts';
import { describeFailure } from './describe-failure.ts';
import { configurationInvalid } from './errors.ts';
import { followIdentity } from './follow-identity.ts';
import { createHttpIdentity, type HttpIdentityOptions } from './http-identity.ts';
import { dropGatewayHeaders } from './inbound-headers.ts';
import { jwksRoute } from './jwks-route.ts';
import { LiveCallers } from './live-callers.ts';
import { options } from './options.ts';
import { sessionCookie } from './session-cookie.ts';
import { signInProxy } from './sign-in-proxy.ts';
import { stampFetch } from './stamp-fetch.ts';
import { watchSubscription } from './watch-subscription.ts';

/** The name under which identity stands in every supergraph that has it. */
const IDENTITY_SUBGRAPH = 'identity';

/** Who is calling, resolved once at the edge, and signed claims of it for every subgraph. */
export const auth = definePlugin({
  name: 'auth',
  options,
  register(app, options) {
    const { config, clock } = app.castellan;
    if (config.open) {
      letEveryoneIn(app);
      return;
    }
    if (config.signingKey === undefined) {
      throw configurationInvalid('no signing key: set CASTELLAN_SIGNING_KEY, or run with --open');
    }
    const keys = readSigningKeys(config.signingKey);
    const log = (message: string) => (error: unknown) =>
      app.log.error({ reason: describeFailure(error) }, message);
    const onFeedFailure = log('identity does not tell of changes');
    const { identity, forgetPlace } = reachIdentity(app, { ...options, onFeedFailure });
    const followed = followIdentity(
      {
        identity,
        clock,
        onFailure: log('identity grants no lease'),
        onLost() {
          callers.forgetAll();
          forgetPlace();
        },
      },
      options.leaseSeconds,
    );
    const { lease } = followed;
    const onFailure = log('identity could not be asked');
    const callers = new CallerCache({ identity, lease, clock, onFailure }, options);
    const liveCallers = new LiveCallers({ callers, identity, lease, clock }, options);
    app.addHook('onReady', followed.ready);
    app.addHook('onClose', async () => {
      liveCallers.close();
      callers.close();
      followed.close();
    });
    const cookie = sessionCookie(config.production);
    app.addHook('onRequest', authenticate(callers, cookie));
    app.castellan.addHook('onConnectionInit', admitConnection(callers, cookie, liveCallers));
    app.castellan.addHook('onSubscription', watchSubscription(cookie, liveCallers));

    const lifeSeconds = options.claimsLifeSeconds;
    const minter = new ClaimsMinter({ keys, issuer: config.issuer, clock, lifeSeconds });
    app.castellan.addHook('preFetch', stampFetch(minter));

    jwksRoute(app, keys.publicSet, options.jwksMaxAgeSeconds);
    signInProxy(app, identity, options.forwardBodyLimitBytes, followed.hearOf);
    app.castellan.addHook('onMutation', ({ subgraph }, { sequence }) =>
      subgraph === IDENTITY_SUBGRAPH ? followed.hearOf(sequence) : undefined,
    );
  },
});

type ServiceOptions = Omit<HttpIdentityOptions, 'url' | 'secret'>;

/** The identity of this process, or the service; and how the service's feed of events is made to begin anew. */
function reachIdentity(
  app: FastifyInstance,
  options: ServiceOptions,
): { readonly identity: Identity; readonly forgetPlace: () => void } {
  const { identity } = app.castellan;
  if (identity !== undefined) return { identity, forgetPlace: () => undefined };
  const { identityUrl: url, identitySecret: secret } = app.castellan.config;
  if (url === undefined) {
    throw configurationInvalid('no identity to ask: set IDENTITY_URL, or run with --open');
  }
  if (secret === undefined) throw configurationInvalid('IDENTITY_URL needs IDENTITY_SECRET');
  const service = createHttpIdentity({ ...options, url, secret });
  app.addHook('onClose', () => service.close());
  return { identity: service, forgetPlace: () => service.restartFeed() };
}

function letEveryoneIn(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    dropGatewayHeaders(request.raw);
    request.caller = openCaller;
    done();
  });
}
