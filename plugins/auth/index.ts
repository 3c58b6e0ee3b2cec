import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Caller, openCaller } from '#contract/caller.ts';
import { isForeignKeyShaped } from '#contract/foreign-key.ts';
import type { Identity } from '#contract/identity.ts';
import { readSigningKeys } from '#contract/signing-keys.ts';
import { definePlugin } from '#gateway/plugin.ts';
import { admitConnection } from './admit-connection.ts';
import { askIdentity } from './ask-identity.ts';
import { authenticate, type OnLetIn } from './authenticate.ts';
import { CallerCache } from './caller-cache.ts';
import { ClaimsMinter } from './claims-minter.ts';
import type { OutsideKind } from './credential.ts';
import { describeFailure } from './describe-failure.ts';
import { configurationInvalid } from './errors.ts';
import { createExpiryNotice } from './expiry-notice.ts';
import { followIdentity } from './follow-identity.ts';
import { createHttpIdentity, type HttpIdentityOptions } from './http-identity.ts';
import { dropGatewayHeaders } from './inbound-headers.ts';
import type { GivenOutside } from './issuers/issuer-options.ts';
import { createOutsideIssuers, type OutsideIssuers } from './issuers/outside-issuers.ts';
import { createTokenResolver } from './issuers/token-resolver.ts';
import { jwksRoute } from './jwks-route.ts';
import { KeyUseReporter } from './key-use-reporter.ts';
import { leakProxy } from './leak-proxy.ts';
import { LiveCallers } from './live-callers.ts';
import { noIdentity } from './no-identity.ts';
import { options } from './options.ts';
import { createPublicEnvironment } from './public-environment.ts';
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
    const outside = outsideIssuers(app, options);
    const onFeedFailure = log('identity does not tell of changes');
    const { identity, isThere, forgetPlace } = reachIdentity(app, outside, {
      ...options,
      onFeedFailure,
    });
    app.castellan.identity = isThere ? identity : undefined;
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
    const resolver = createTokenResolver(identity, outside);
    const callers = new CallerCache({ identity: resolver, lease, clock, onFailure }, options);
    const liveCallers = new LiveCallers({ callers, identity: resolver, lease, clock }, options);
    app.addHook('onReady', followed.ready);
    app.addHook('onClose', async () => {
      liveCallers.close();
      callers.close();
      followed.close();
    });
    const cookie = sessionCookie(config.production);
    const anybodyIn = createPublicEnvironment(options.publicEnvironment);
    const { foreignKeyPrefixes } = options;
    const kindOf: OutsideKind = (text) =>
      isForeignKeyShaped(text, foreignKeyPrefixes) ? 'key' : outside.kindOf(text);
    const noteUse = reportUses(app, identity, options);
    const notice = createExpiryNotice(clock, options.expiryNoticeDays);
    const onLetIn: OnLetIn = (caller, request, reply) => {
      noteUse(caller, request);
      notice(caller, request, reply);
    };
    app.addHook('onRequest', authenticate(callers, cookie, kindOf, anybodyIn, onLetIn));
    app.castellan.addHook(
      'onConnectionInit',
      admitConnection(callers, cookie, liveCallers, kindOf, anybodyIn, onLetIn),
    );
    // Over HTTP the request is counted, whatever it holds.
    app.castellan.addHook('onParameters', (_, { caller, request }) => noteUse(caller, request));
    app.castellan.addHook(
      'onSubscription',
      watchSubscription(cookie, liveCallers, kindOf, anybodyIn),
    );
    app.castellan.addHook('onDeferred', watchSubscription(cookie, liveCallers, kindOf, anybodyIn));

    const lifeSeconds = options.claimsLifeSeconds;
    const minter = new ClaimsMinter({ keys, issuer: config.issuer, clock, lifeSeconds });
    app.castellan.addHook('preFetch', stampFetch(minter));

    jwksRoute(app, keys.publicSet, options.jwksMaxAgeSeconds);
    // Without an identity there is nobody to sign in with.
    if (!isThere) return;
    signInProxy(app, identity, options.forwardBodyLimitBytes, followed.hearOf);
    app.decorate('askIdentity', askIdentity(identity, followed.hearOf));
    leakProxy(app, identity, options.forwardBodyLimitBytes);
    app.castellan.addHook('onMutation', ({ subgraph }, { sequence }) =>
      subgraph === IDENTITY_SUBGRAPH ? followed.hearOf(sequence) : undefined,
    );
  },
});

/** Counts the uses of keys, and tells identity of them until the gateway is closed. */
function reportUses(
  app: FastifyInstance,
  identity: Identity,
  options: { readonly useReportSeconds: number },
): (caller: Caller, request: FastifyRequest) => void {
  const { clock } = app.castellan;
  const onFailure = (error: unknown) =>
    app.log.warn({ reason: describeFailure(error) }, 'some uses of keys were not counted');
  const reporter = new KeyUseReporter({ identity, clock, onFailure }, options);
  app.addHook('onClose', () => reporter.close());
  return (caller, request) => reporter.note(caller, request);
}

type ServiceOptions = Omit<HttpIdentityOptions, 'url' | 'secret'>;

/** An identity that a gateway reaches. */
interface Reached {
  readonly identity: Identity;
  /** Where callers come from outside issuers alone there need not be one; nobody is known to it then. */
  readonly isThere: boolean;
  /** Has the service's feed of events begin anew. */
  readonly forgetPlace: () => void;
}

/** The identity of this process, or the service. */
function reachIdentity(
  app: FastifyInstance,
  outside: OutsideIssuers,
  options: ServiceOptions,
): Reached {
  const { identity } = app.castellan;
  if (identity !== undefined) return { identity, isThere: true, forgetPlace: () => undefined };
  const { identityUrl: url, identitySecret: secret } = app.castellan.config;
  if (url === undefined) {
    if (outside.count > 0) {
      return { identity: noIdentity, isThere: false, forgetPlace: () => undefined };
    }
    throw configurationInvalid('no identity to ask: set IDENTITY_URL, or run with --open');
  }
  if (secret === undefined) throw configurationInvalid('IDENTITY_URL needs IDENTITY_SECRET');
  const service = createHttpIdentity({ ...options, url, secret });
  app.addHook('onClose', () => service.close());
  return { identity: service, isThere: true, forgetPlace: () => service.restartFeed() };
}

function outsideIssuers(
  app: FastifyInstance,
  options: GivenOutside & Pick<HttpIdentityOptions, 'lookupTimeoutMs'>,
): OutsideIssuers {
  const outside = createOutsideIssuers(options, {
    clock: app.castellan.clock,
    env: process.env,
    onFailure: (error) =>
      app.log.error({ reason: describeFailure(error) }, 'the keys of an issuer were not fetched'),
    onRefusal: (reason) => app.log.debug({ reason }, 'a token of an outside issuer was refused'),
  });
  app.addHook('onClose', () => outside.close());
  return outside;
}

function letEveryoneIn(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    dropGatewayHeaders(request.raw);
    request.caller = openCaller;
    done();
  });
}
