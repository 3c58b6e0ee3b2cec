import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Static, TObject, TSchema } from 'typebox';
import type { Caller } from '#contract/caller.ts';
import type { Clock } from '#contract/clock.ts';
import type { ForwardedResponse, Identity } from '#contract/identity.ts';
import { readOptions } from '#contract/options.ts';
import type { Ask } from './ask.ts';
import type { AskedContent } from './asked-content.ts';
import type { GatewayConfig } from './config.ts';
import type { ConfiguredPlugin } from './configured-plugin.ts';
import type { HookName, Hooks } from './hooks.ts';
import type { GraphqlRoute } from './http/graphql-routes.ts';
import type { PluginSubgraph } from './subgraph-client/plugin-subgraph.ts';
import type { SupergraphStatus } from './supergraph/current-supergraph.ts';
import type { WorkerGroup } from './worker-group.ts';

export type { Access } from './access.ts';
export type { Ask, InternalOperation } from './ask.ts';
export { type AskedContent, callerAsking, callerBehind } from './asked-content.ts';
export type { AnswerError } from './execute/answer-errors.ts';
export type { AskedOperation, RequestContext } from './hooks.ts';
export { knownErrorOf } from './http/error-reply.ts';
export type { GraphqlRoute } from './http/graphql-routes.ts';
export { isOwnOrigin } from './http/own-origin.ts';
export { type AccessPoint, type AccessPoints, argumentValues } from './operation/access-points.ts';
export type { InspectedOperation } from './operation/inspect-operation.ts';
export { RequestError } from './operation/request-error.ts';
export { pickPlugins } from './pick-plugins.ts';
export type {
  PluginResolvers,
  PluginSubgraph,
  PluginSubgraphContext,
} from './subgraph-client/plugin-subgraph.ts';
export type {
  AppliedDirective,
  Coordinates,
  FieldCoordinate,
  TypeCoordinate,
} from './supergraph/coordinates.ts';
export { narrowSchema } from './supergraph/narrow-schema.ts';
export { createView, type View } from './supergraph/view.ts';

/** What a plugin finds at `app.castellan`. */
export interface Castellan {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  /** The identity that runs in this process, or the one that plugin auth has reached; undefined without any. */
  identity: Identity | undefined;
  /** What is served, and how its replacements went. */
  readonly supergraph: SupergraphStatus;
  /** The processes that serve the same port, when this is one of several. */
  readonly workers: WorkerGroup | undefined;
  addHook<Name extends HookName>(name: Name, hook: Hooks[Name]): void;
  /** Runs a GraphQL operation in the name of whoever sent a request. */
  readonly ask: Ask;
  /** Has GraphQL be asked at another address too. Only while plugins are registered. */
  addGraphqlRoute(route: GraphqlRoute): void;
  /**
   * Answers a subgraph inside the gateway, for a supergraph that lists it; only while plugins register.
   * @throws CodedError CONFIGURATION_INVALID for a schema that cannot be served
   * @throws TypeError when there is one of this name
   */
  addSubgraph(subgraph: PluginSubgraph): void;
}

/**
 * Asks identity for a sign-up, sign-in or sign-out, as a request to `/api/auth/*` does: what is known of the client
 * (address, host, origin, cookies) is that of `request`. The answer comes when this process knows of what was changed.
 * @param path such as `/api/auth/sign-in/email`
 * @throws CodedError IDENTITY_UNAVAILABLE
 */
export type AskIdentity = (
  request: FastifyRequest,
  path: `/api/auth/${string}`,
  body: Readonly<Record<string, unknown>>,
  /** Other cookies than those of the request, as a `Cookie` header. */
  cookies?: string,
) => Promise<ForwardedResponse>;

declare module 'fastify' {
  interface FastifyInstance {
    castellan: Castellan;
    /** Set by the plugin that knows who is calling; undefined where there is no identity to sign in with. */
    askIdentity?: AskIdentity;
  }
  interface FastifyRequest {
    /** Set once, by the plugin that knows who is calling; anonymous until then. */
    caller: Caller;
    /**
     * Whether this is the upgrade of a WebSocket for GraphQL. Who is calling is then told by its first message,
     * to the hook `onConnectionInit`; until it has been, nothing is answered.
     */
    isGraphqlSocket: boolean;
    /** What every GraphQL answer to this request, or on this connection, has in its `extensions`; mostly null. */
    answerExtensions: Readonly<Record<string, unknown>> | null;
  }
  interface FastifyContextConfig {
    /** A route that anyone may call: no credential is read and none is refused. */
    public?: boolean;
    /** A route of GraphQL, whatever its address. */
    isGraphql?: boolean;
    /** A route that says its errors in a form of its own: what is refused before it runs reaches its error handler. */
    ownErrors?: boolean;
    /**
     * The project and environment that a request with a credential is in here. Where they are not the caller's to
     * use, it is refused with NOT_FOUND.
     */
    place?: (request: FastifyRequest) => {
      /** Its id or its name. */
      readonly project: string;
      /** Its id or its name; without it `master`, or the oldest one that the credential reaches. */
      readonly environment?: string;
    };
    /**
     * The environment whose public permissions a request without a credential has here, before the one that the
     * options of auth name: its id, or the id of its project with its id or name; null for none at all.
     */
    publicEnvironment?: (request: FastifyRequest) => string | PublicPlace | null;
    /** What of contents a request means here where its operation names nothing. It may throw a CodedError. */
    content?: (request: FastifyRequest) => AskedContent;
    /**
     * Who may ask for the schema here: everybody, for all of it; nobody; or each for what is theirs, which is meant
     * without it. Where the options of authorization switch it off, it is off here too.
     */
    introspection?: (request: FastifyRequest) => Introspection;
  }
}

/** An environment by what an address says of it. */
export interface PublicPlace {
  readonly project: string;
  readonly environment: string;
}

export type Introspection = 'open' | 'rights' | 'off';

export interface PluginDefinition<Options extends TObject> {
  readonly name: string;
  /** One TypeBox schema: validation, type, defaults and documentation. */
  readonly options: Options;
  /** Names of plugins that must stand before this one in castellan.config.ts. */
  readonly dependsOn?: readonly string[];
  /** Called once, on the root Fastify instance, with options that are whole, valid and frozen. */
  register(app: FastifyInstance, options: Readonly<Static<Options>>): void | Promise<void>;
}

export interface Plugin<Options extends TSchema = TObject> {
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** @throws CodedError CONFIGURATION_INVALID naming the path of the first wrong option */
  configure(options: unknown): ConfiguredPlugin;
  /** Only a type: what `use` may be given. */
  readonly optionsType?: Partial<Static<Options>>;
}

/**
 * Declares a plugin of the gateway.
 *
 * @example
 * export const hello = definePlugin({
 *   name: 'hello',
 *   options: Type.Object({ greeting: Type.String({ default: 'hello' }) }),
 *   register(app, { greeting }) {
 *     app.get('/hello', { config: { public: true } }, () => greeting);
 *   },
 * });
 */
export function definePlugin<Options extends TObject>(
  definition: PluginDefinition<Options>,
): Plugin<Options> {
  const { name, dependsOn = [] } = definition;
  return Object.freeze({
    name,
    dependsOn,
    configure(given: unknown): ConfiguredPlugin {
      const options = readOptions(definition.options, given, `plugin ${name}`);
      return Object.freeze({
        name,
        dependsOn,
        register: (app: FastifyInstance) => definition.register(app, options),
      });
    },
  });
}

/** A line of castellan.config.ts: this plugin, with these options (what is left out has its default). */
export function use<Options extends TSchema>(
  plugin: Plugin<Options>,
  options: Partial<Static<Options>> = {},
): ConfiguredPlugin {
  return plugin.configure(options);
}
