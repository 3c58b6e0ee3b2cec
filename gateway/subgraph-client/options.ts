import { type Static, Type } from 'typebox';
import { readOptions } from '#contract/options.ts';
import { readPropagatedHeaders } from './propagated-headers.ts';
import { subscriptionsSchema } from './subscriptions/subscription-options.ts';

const A_DAY_MS = 86_400_000;

const count = (description: string, value: number, minimum = 1) =>
  Type.Integer({ minimum, default: value, description });
const milliseconds = (description: string, value: number) =>
  Type.Integer({ minimum: 1, maximum: A_DAY_MS, default: value, description });
const ratio = (description: string, value: number) =>
  Type.Number({ minimum: 0, maximum: 1, default: value, description });
const section = { additionalProperties: false, default: {} };

const properties = {
  connections: count('Kept-alive connections to each subgraph', 100),
  keepAliveMs: milliseconds('How long an idle connection is kept, unless the subgraph says', 4_000),
  connectTimeoutMs: milliseconds('Until a connection is open', 2_000),
  firstByteTimeoutMs: milliseconds('From sending a request to the start of its answer', 15_000),
  timeoutMs: milliseconds('From a call to the end of its answer, retries included', 30_000),
  maxResponseBytes: count('Bytes of an answer, unpacked', 33_554_432),
  shareInFlight: Type.Boolean({
    default: true,
    description: 'Identical queries of one caller that are under way at the same time are one call',
  }),
  retry: Type.Object(
    {
      maxRetries: count('How often a query is sent again after a passing fault; 0 is never', 1, 0),
      backoffMs: milliseconds('The longest wait before the first retry; it doubles each time', 25),
      maxBackoffMs: milliseconds('The longest wait before any retry', 250),
      budgetRatio: ratio('Retries for each query, on the long run', 0.2),
      budgetBurst: count('Retries that may come at once', 10),
    },
    section,
  ),
  circuitBreaker: Type.Object(
    {
      enabled: Type.Boolean({
        default: true,
        description: 'A subgraph that fails too often is left alone for a while',
      }),
      failureRatio: Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        default: 0.5,
        description: 'From this part of failed calls on (status 5xx, time-outs, no connection)',
      }),
      minimumCalls: count('Of at least so many calls', 20),
      windowMs: milliseconds('Within this time', 10_000),
      openMs: milliseconds('How long it is left alone before one call tries again', 1_000),
    },
    section,
  ),
  propagateHeaders: Type.Array(Type.String(), {
    default: [],
    description: "Headers of the client's request that the subgraph gets too, by their exact names",
  }),
  traceparent: Type.Union([Type.Literal('start'), Type.Literal('continue'), Type.Literal('off')], {
    default: 'start',
    description: "W3C trace context: continue the client's and start one where there is none",
  }),
  compression: Type.Object(
    {
      accept: Type.Array(Type.Union([Type.Literal('gzip'), Type.Literal('br')]), {
        default: [],
        description: 'What a subgraph may pack its answers with',
      }),
      requests: Type.Union([Type.Literal('off'), Type.Literal('gzip'), Type.Literal('br')], {
        default: 'off',
        description: 'What requests are packed with; the subgraph must be able to read it',
      }),
      requestsFromBytes: count('Requests below this size go as they are', 4_096),
    },
    section,
  ),
  subscriptions: subscriptionsSchema,
};

const optionsSchema = Type.Object(properties, { additionalProperties: false });

/** How one subgraph is called. */
export type SubgraphOptions = Readonly<Static<typeof optionsSchema>>;

/** The section `subgraphs` of castellan.config.ts: for all of them, and what differs for some. */
export const subgraphsSchema = Type.Object(
  {
    ...properties,
    bySubgraph: Type.Record(Type.String(), Type.Object({}), {
      default: {},
      description: 'The same options for one subgraph, where it differs from the others',
    }),
  },
  section,
);

export type SubgraphsOptions = SubgraphOptions & {
  /** Whole options of those subgraphs that differ. */
  readonly bySubgraph: Readonly<Record<string, SubgraphOptions>>;
};

/**
 * The section after its schema was checked: each subgraph that differs gets whole options of its own.
 * @throws CodedError CONFIGURATION_INVALID naming the place of the first mistake
 */
export function readSubgraphsOptions(
  { bySubgraph, ...given }: Readonly<Static<typeof subgraphsSchema>>,
  place: string,
): SubgraphsOptions {
  const common = readOne(given, place);
  const own = Object.entries(bySubgraph).map(([name, differing]) => [
    name,
    readOne(withChanges(common, differing), `${place}.bySubgraph.${name}`),
  ]);
  return Object.freeze({ ...common, bySubgraph: Object.freeze(Object.fromEntries(own)) });
}

function readOne(given: unknown, place: string): SubgraphOptions {
  const options = readOptions(optionsSchema, given, place);
  const propagateHeaders = readPropagatedHeaders(options.propagateHeaders, place);
  return Object.freeze({ ...options, propagateHeaders: [...propagateHeaders] });
}

/** `base` with what `changes` says otherwise; a section keeps what its changes do not name. */
function withChanges(base: object, changes: object): object {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const present = merged[key];
    merged[key] = isSection(present) && isSection(value) ? { ...present, ...value } : value;
  }
  return merged;
}

function isSection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
