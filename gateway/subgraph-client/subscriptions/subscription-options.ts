import { type Static, Type } from 'typebox';

const A_DAY_MS = 86_400_000;

const count = (description: string, value: number) =>
  Type.Integer({ minimum: 1, default: value, description });
const milliseconds = (description: string, value: number, minimum = 1) =>
  Type.Integer({ minimum, maximum: A_DAY_MS, default: value, description });

export const subscriptionsSchema = Type.Object(
  {
    protocol: Type.Union([Type.Literal('auto'), Type.Literal('websocket'), Type.Literal('sse')], {
      default: 'auto',
      description:
        'What the subgraph speaks: graphql-transport-ws, or GraphQL over SSE with distinct connections; auto finds out',
    }),
    url: Type.String({
      default: '',
      description: 'Where it takes subscriptions, relative to where it takes queries',
    }),
    openTimeoutMs: milliseconds('From subscribing until the stream is open', 10_000),
    pingMs: milliseconds(
      'How often a WebSocket is pinged; without a pong in the same time it is broken',
      30_000,
    ),
    idleTimeoutMs: milliseconds(
      'How long an SSE stream may send nothing, not even a comment; 0 is forever',
      0,
      0,
    ),
    maxEventBytes: count('Bytes of an event', 1_048_576),
    maxStreams: count('Streams that one subgraph has at once, each a connection', 10_000),
    bufferedEvents: count('Events that wait for one subscriber before it is too slow', 256),
    bufferedBytes: count('Bytes of the events that wait for one subscriber', 8_388_608),
    share: Type.Boolean({
      default: true,
      description:
        'Identical subscriptions of one caller are one stream, if shareInFlight is on; who joins late misses what has been sent',
    }),
  },
  { additionalProperties: false, default: {} },
);

/** How one subgraph is subscribed to. */
export type SubscriptionsOptions = Readonly<Static<typeof subscriptionsSchema>>;
