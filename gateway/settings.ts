import { type Static, Type } from 'typebox';
import { CodedError } from '#contract/errors.ts';
import type { ConfiguredPlugin } from './configured-plugin.ts';
import { readOptions } from './options.ts';
import { planningProperties } from './plan/planning-options.ts';

const count = (description: string, value: number) =>
  Type.Integer({ minimum: 1, default: value, description });

const settingsSchema = Type.Object(
  {
    ...planningProperties,
    limits: Type.Object(
      {
        bodyLimitBytes: count('Bytes of a request body', 1_048_576),
        maxDocumentLength: count('Characters of a GraphQL document', 100_000),
        maxTokens: count('Tokens of a GraphQL document', 15_000),
        maxDepth: count('Fields inside fields, fragments included', 64),
      },
      { additionalProperties: false, default: {} },
    ),
    operationCache: Type.Object(
      {
        maxDocuments: count('Documents that are kept prepared', 5_000),
        maxTextLength: count('Characters of all of them together', 10_000_000),
      },
      { additionalProperties: false, default: {} },
    ),
    subgraphs: Type.Object(
      {
        connections: count('Kept-alive connections to each subgraph', 100),
        connectTimeoutMs: count('Milliseconds to open a connection', 2_000),
        timeoutMs: count('Milliseconds from a request to the end of its answer', 30_000),
        maxResponseBytes: count('Bytes of an answer', 33_554_432),
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
export type GatewaySettings = Readonly<Static<typeof settingsSchema>>;

type DeepPartial<T> = {
  readonly [Key in keyof T]?: T[Key] extends object ? Partial<T[Key]> : T[Key];
};

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
  return Object.freeze({
    plugins: Object.freeze([...plugins]),
    settings: readOptions(settingsSchema, settings, 'castellan.config.ts'),
  });
}

function checkPlugins(plugins: readonly ConfiguredPlugin[]): void {
  const seen = new Set<string>();
  for (const { name, dependsOn } of plugins) {
    if (seen.has(name)) {
      throw new CodedError(
        'CONFIGURATION_INVALID',
        `castellan.config.ts: plugin ${name} stands twice`,
      );
    }
    const missing = dependsOn.find((each) => !seen.has(each));
    if (missing !== undefined) {
      throw new CodedError(
        'CONFIGURATION_INVALID',
        `castellan.config.ts: plugin ${name} needs plugin ${missing} before it`,
      );
    }
    seen.add(name);
  }
}
