import { EventEmitter, on } from 'node:events';
import {
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';

/** A schema with subscriptions that the test drives, whatever server it is put behind. */
export interface Ticker {
  readonly schema: GraphQLSchema;
  /** Sends an event to all who are subscribed. */
  tick(value: number): void;
  /** Ends all that are subscribed. */
  complete(): void;
  /** How many resolvers' iterators are open. */
  readonly subscribed: number;
  /** Settles as soon as `count` iterators are open. */
  reached(count: number): Promise<void>;
}

export function createTicker(): Ticker {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  const changes = new EventEmitter();
  let subscribed = 0;
  const count = (difference: number): void => {
    subscribed += difference;
    changes.emit('change');
  };

  const ticks = () => {
    const ended = new AbortController();
    const complete = (): void => ended.abort();
    emitter.once('complete', complete);
    const events = on(emitter, 'tick', { close: ['complete'] });
    count(1);
    let isOpen = true;
    const end = (): void => {
      if (!isOpen) return;
      isOpen = false;
      emitter.off('complete', complete);
      count(-1);
    };
    return {
      async next() {
        const { done, value } = await events.next();
        if (done === true) end();
        return done === true
          ? { done: true as const, value: undefined }
          : { done: false as const, value: { tick: value[0] } };
      },
      async return() {
        end();
        await events.return?.();
        return { done: true as const, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };

  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: { hello: { type: GraphQLString, resolve: () => 'hello' } },
    }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        tick: { type: new GraphQLNonNull(GraphQLInt), subscribe: ticks },
        denied: {
          type: GraphQLInt,
          subscribe: () => {
            throw new Error('not for you');
          },
        },
      },
    }),
  });

  return {
    schema,
    tick: (value) => void emitter.emit('tick', value),
    complete: () => void emitter.emit('complete'),
    get subscribed() {
      return subscribed;
    },
    async reached(expected) {
      while (subscribed !== expected) {
        await new Promise((resolve) => changes.once('change', resolve));
      }
    },
  };
}
