import { type Static, Type } from 'typebox';
import { CodedError } from '#contract/errors.ts';
import { readOptions } from '#contract/options.ts';
import type { ConfiguredPlugin } from './configured-plugin.ts';
import { planningProperties } from './plan/planning-options.ts';
import {
  readSubgraphsOptions,
  type SubgraphsOptions,
  subgraphsSchema,
} from './subgraph-client/options.ts';

const PLACE = 'castellan.config.ts';

const count = (description: string, value: number) =>
  Type.Integer({ minimum: 1, default: value, description });

const settingsSchema = Type.Object(
  {
    ...planningProperties,
    limits: Type.Object(
      {
        bodyLimitBytes: count('Bytes of a request body', 1_048_576),
        maxBatch: count('Operations of a batch', 10),
        maxDocumentLength: count('Characters of a GraphQL document', 100_000),
        maxTokens: count('Tokens of a GraphQL document', 15_000),
        maxDepth: count('Fields inside fields, fragments included', 20),
        maxFields: count('Fields of an operation, with its fragments spread', 1_500),
        maxAliases: count('Aliases of an operation, with its fragments spread', 300),
        maxRootFields: count('Fields at the root of an operation', 50),
        maxIntrospectionFields: count('__schema and __type at the root of an operation', 20),
        maxDeferred: count('@defer of an operation, with its fragments spread', 100),
        maxDeferredPayloads: count(
          'Deferred payloads of an answer; beyond that it has fewer and larger parts',
          2_000,
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    operationCache: Type.Object(
      {
        maxDocuments: count('Documents that are kept prepared', 2_000),
        maxTextLength: count('Characters of all of them together', 1_000_000),
      },
      { additionalProperties: false, default: {} },
    ),
    supergraph: Type.Object(
      {
        watch: Type.Boolean({
          default: true,
          description: 'Whether a new supergraph is served without a restart',
        }),
        pollSeconds: count('How often its URL is asked, and its file looked at', 10),
        timeoutMs: count('Until its URL has answered', 10_000),
        maxBytes: count('Bytes of a supergraph that comes from a URL', 67_108_864),
        preparedOperations: Type.Integer({
          minimum: 0,
          default: 100,
          description: 'Operations, by use, that are prepared before a new supergraph is served',
        }),
        prepareTimeoutMs: count('How long that may take', 5_000),
      },
      { additionalProperties: false, default: {} },
    ),
    subgraphs: subgraphsSchema,
    subscriptions: Type.Object(
      {
        maxSubscriptions: count('Subscriptions of all clients together', 10_000),
        heartbeatSeconds: count('How often a stream without events shows that it is alive', 10),
      },
      { additionalProperties: false, default: {} },
    ),
    webSockets: Type.Object(
      {
        allowedOrigins: Type.Array(Type.String({ pattern: '^(\\*|https?://[^/\\s]+)$' }), {
          default: [],
          description: 'Pages of which other origins may connect; "*" is all of them',
        }),
        maxPayloadBytes: count('Bytes of a message from a client', 1_048_576),
        connectionInitTimeoutMs: count('Until a client has sent connection_init', 5_000),
        maxConnections: count('Connections of all clients together', 10_000),
        maxOperationsPerConnection: count('Operations of one connection at once', 100),
        keepAliveSeconds: count(
          'How often a client is pinged; one that neither sends nor takes anything meanwhile is gone',
          15,
        ),
        maxBufferedBytes: count(
          'Bytes waiting for a client past which no more messages of it are read',
          1_048_576,
        ),
        closeTimeoutMs: count('How long a client has to close what is closing', 2_000),
      },
      { additionalProperties: false, default: {} },
    ),
    answerCompression: Type.Object(
      {
        encodings: Type.Array(Type.Union([Type.Literal('br'), Type.Literal('gzip')]), {
          default: ['br', 'gzip'],
          description: 'What answers may be packed with, when the client accepts it',
        }),
        fromBytes: count('Answers below this size go as they are', 8_192),
      },
      { additionalProperties: false, default: {} },
    ),
    workers: Type.Object(
      {
        maxRestarts: count('How often in a row a worker may die soon after its start', 8),
        steadySeconds: count('From when on a start was no longer soon before', 10),
        maxBackoffMs: count('The longest pause before a worker is started again', 5_000),
        hangSeconds: Type.Integer({
          minimum: 0,
          default: 30,
          description:
            'How long the event loop of a worker may stand still before it is replaced; 0 is for ever',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    drainSeconds: count(
      'Seconds that requests in flight have when the process is told to stop',
      10,
    ),
  },
  { additionalProperties: false },
);

/** The bounds of a gateway; each one has a default. */
export type GatewaySettings = Readonly<Omit<Static<typeof settingsSchema>, 'subgraphs'>> & {
  readonly subgraphs: SubgraphsOptions;
};

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
    : T;

/** What castellan.config.ts exports. */
export interface CastellanConfig {
  /** Which plugins run, in this order. */
  readonly plugins: readonly ConfiguredPlugin[];
  readonly settings: GatewaySettings;
}

/**
 * Checks and completes what castellan.config.ts says.
 * @throws CodedError CONFIGURATION_INVALID naming the place of the first mistake
 *
 * @example
 * export default defineConfig({ plugins: [use(auth)], limits: { maxDepth: 32 } });
 */
export function defineConfig({
  plugins,
  ...settings
}: {
  readonly plugins: readonly ConfiguredPlugin[];
} & DeepPartial<GatewaySettings>): CastellanConfig {
  checkPlugins(plugins);
  const { subgraphs, ...others } = readOptions(settingsSchema, settings, PLACE);
  return Object.freeze({
    plugins: Object.freeze([...plugins]),
    settings: Object.freeze({
      ...others,
      subgraphs: readSubgraphsOptions(subgraphs, `${PLACE}: subgraphs`),
    }),
  });
}

function checkPlugins(plugins: readonly ConfiguredPlugin[]): void {
  const seen = new Set<string>();
  for (const { name, dependsOn } of plugins) {
    if (seen.has(name)) {
      throw new CodedError('CONFIGURATION_INVALID', `${PLACE}: plugin ${name} stands twice`);
    }
    const missing = dependsOn.find((each) => !seen.has(each));
    if (missing !== undefined) {
      throw new CodedError(
        'CONFIGURATION_INVALID',
        `${PLACE}: plugin ${name} needs plugin ${missing} before it`,
      );
    }
    seen.add(name);
  }
}
