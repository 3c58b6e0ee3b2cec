import { GraphQLError } from 'graphql';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { CodedError } from '#contract/errors.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import {
  createSubgraph,
  type Resolvers,
  requireCaller,
  requireRight,
  resolveReference,
} from '#subgraphs/kit/index.ts';
import { askSubgraph, codeOf } from '../support/ask-subgraph.ts';
import { createClaimsIssuer } from '../support/claims-issuer.ts';

const issuer = await createClaimsIssuer();
const ada: Caller = {
  ...anonymousCaller,
  kind: 'key',
  subject: 'ada',
  permissions: permissionsOf(['read:all']),
};

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query {
    hello: String
    who: String
    read: String
    manage: String
    coded: String
    deliberate: String
    broken: String
    many: [Int]
    sized(size: Int!): Int
  }
  type Mutation { change: String }
  type Thing @key(fields: "id") { id: ID! name: String }
`;

let calls = 0;
const resolvers: Resolvers = {
  Query: {
    hello: () => {
      calls += 1;
      return 'hello';
    },
    who: (_: unknown, __: unknown, context) => requireCaller(context).subject,
    read: (_: unknown, __: unknown, context) =>
      requireRight(context, 'READ', { type: 'Thing' }).subject,
    manage: (_: unknown, __: unknown, context) =>
      requireRight(context, 'MANAGE', { type: 'Thing', field: 'name' }).subject,
    coded: () => {
      throw new CodedError('NOT_FOUND', 'no such thing', { extensions: { argument: 'id' } });
    },
    deliberate: () => {
      throw new GraphQLError('on purpose', { extensions: { code: 'OUR_OWN' } });
    },
    broken: () => {
      throw new Error('password is swordfish');
    },
    many: () => [1, 'not a number'],
    sized: (_: unknown, { size }: { size: number }) => size,
  },
  Mutation: {
    change: () => {
      calls += 1;
      return 'changed';
    },
  },
  Thing: {
    __resolveReference: resolveReference(async ({ id }) => {
      calls += 1;
      if (id === 'bad') throw new CodedError('FORBIDDEN');
      return { id, name: `thing ${id}` };
    }),
  },
};

async function start(t: Test, maps: readonly Resolvers[] = [resolvers]) {
  const lines: string[] = [];
  const app = await createSubgraph({
    name: 'things',
    typeDefs,
    resolvers: maps,
    claims: { keys: issuer.keys },
    logger: pino({ level: 'trace' }, { write: (line: string) => lines.push(line) }),
    bodyLimitBytes: 10_000,
  });
  t.teardown(() => app.close());
  const headers = async (caller: Caller) => ({
    [CLAIMS_HEADER]: await issuer.mint(caller, 'things', Date.now()),
  });
  const ask = async (caller: Caller, query: string, variables?: Record<string, unknown>) =>
    askSubgraph(app, await headers(caller), query, variables);
  return { app, ask, headers, logs: () => lines.join('') };
}

const entries: Record<string, string> = {
  'a query': '{ hello }',
  'a mutation': 'mutation { change }',
  'an entity': '{ _entities(representations: [{ __typename: "Thing", id: "1" }]) { __typename } }',
  'the schema text': '{ _service { sdl } }',
  introspection: '{ __schema { types { name } } }',
  'a type name': '{ __typename }',
  'a syntax error': '{',
};

t.test('without valid claims every way in is refused before anything runs', async (t) => {
  const { app } = await start(t);
  const bad: Record<string, string | undefined> = {
    'no claims': undefined,
    'empty claims': '',
    garbage: 'garbage',
    'claims for another subgraph': await issuer.mint(ada, 'content', Date.now()),
    'claims of yesterday': await issuer.mint(ada, 'things', Date.now() - 86_400_000),
  };
  calls = 0;
  for (const [what, token] of Object.entries(bad)) {
    const headers = token === undefined ? {} : { [CLAIMS_HEADER]: token };
    for (const [entry, query] of Object.entries(entries)) {
      const search = new URLSearchParams({ query });
      const answers = [
        await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } }),
        await app.inject({ method: 'GET', url: `/graphql?${search}`, headers }),
        await app.inject({ method: 'HEAD', url: `/graphql?${search}`, headers }),
      ];
      for (const answer of answers) t.equal(answer.statusCode, 401, `${entry} with ${what}`);
      for (const answer of answers.slice(0, 2)) {
        t.strictSame(answer.json(), {
          errors: [
            {
              message: 'You must be authenticated to perform this action',
              extensions: { code: 'UNAUTHENTICATED' },
            },
          ],
        });
      }
    }
  }
  t.equal(calls, 0);
});

t.test('a request is refused before its body is read', async (t) => {
  const { app } = await start(t);
  const answer = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json' },
    payload: `{"query": "${'x'.repeat(20_000)}`,
  });
  t.equal(answer.statusCode, 401);
});

t.test('with valid claims every way in answers', async (t) => {
  const { ask } = await start(t);
  t.strictSame(await ask(ada, '{ hello who }'), {
    status: 200,
    data: { hello: 'hello', who: 'ada' },
  });
  t.strictSame((await ask(ada, 'mutation { change }')).data, { change: 'changed' });
  t.match(await ask(ada, '{ _service { sdl } }'), { data: { _service: { sdl: /type Thing/ } } });
  t.match(await ask(ada, '{ __schema { queryType { name } } }'), {
    data: { __schema: { queryType: { name: 'Query' } } },
  });
});

t.test('an entity that fails does not take its neighbours with it', async (t) => {
  const { ask } = await start(t);
  const answer = await ask(
    ada,
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Thing { name } } }',
    { r: ['1', 'bad', '2'].map((id) => ({ __typename: 'Thing', id })) },
  );
  t.strictSame(answer.data, { _entities: [{ name: 'thing 1' }, null, { name: 'thing 2' }] });
  t.strictSame(answer.errors?.[0]?.path, ['_entities', 1]);
  t.equal(codeOf(answer), 'FORBIDDEN');
});

t.test('who may not gets UNAUTHENTICATED when unknown and FORBIDDEN when known', async (t) => {
  const { ask } = await start(t);
  t.strictSame((await ask(ada, '{ read }')).data, { read: 'ada' });
  t.equal(codeOf(await ask(anonymousCaller, '{ read }')), 'UNAUTHENTICATED');
  t.equal(codeOf(await ask(anonymousCaller, '{ who }')), 'UNAUTHENTICATED');
  const denied = await ask(ada, '{ manage }');
  t.strictSame(denied.errors, [
    {
      message: 'You do not have permission to perform this action',
      locations: [{ line: 1, column: 3 }],
      path: ['manage'],
      extensions: {
        authorization: { coordinate: 'Thing.name', missing: 'MANAGE' },
        code: 'FORBIDDEN',
      },
    },
  ]);
});

t.test('coded errors keep message and code, unexpected ones show nothing', async (t) => {
  const { ask, logs } = await start(t);
  t.match(await ask(ada, '{ coded }'), {
    status: 200,
    errors: [{ message: 'no such thing', extensions: { code: 'NOT_FOUND', argument: 'id' } }],
  });
  t.match(await ask(ada, '{ deliberate }'), {
    errors: [{ message: 'on purpose', extensions: { code: 'OUR_OWN' } }],
  });
  const broken = await ask(ada, '{ broken }');
  t.strictSame(broken.errors, [
    {
      message: 'Something went wrong inside the server',
      locations: [{ line: 1, column: 3 }],
      path: ['broken'],
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    },
  ]);
  t.match(logs(), /swordfish/, 'but whoever runs the server can read it');
  const many = await ask(ada, '{ many }');
  t.strictSame(many.errors?.[0]?.path, ['many', 1], 'a list index is a number');
  t.equal(codeOf(many), 'INTERNAL_SERVER_ERROR');
});

t.test('what is wrong with a request has a code', async (t) => {
  const { app, ask, headers } = await start(t);
  const codes = {
    GRAPHQL_PARSE_FAILED: await ask(ada, '{'),
    GRAPHQL_VALIDATION_FAILED: await ask(ada, '{ nothing }'),
    OPERATION_RESOLUTION_FAILURE: await ask(ada, 'query A { hello } query B { hello }'),
    BAD_USER_INPUT: await ask(ada, 'query ($s: Int!) { sized(size: $s) }', { s: 'big' }),
  };
  for (const [code, answer] of Object.entries(codes)) {
    t.equal(codeOf(answer), code);
  }
  const json = { ...(await headers(ada)), 'content-type': 'application/json' };
  const post = async (payload: string, extra: Record<string, string> = {}) => {
    const url = '/graphql';
    const answer = await app.inject({
      method: 'POST',
      url,
      headers: { ...json, ...extra },
      payload,
    });
    return [answer.statusCode, answer.json().errors[0].extensions.code];
  };
  t.strictSame(await post('{"query":'), [400, 'BAD_REQUEST']);
  t.strictSame(await post(JSON.stringify('x'.repeat(10_000))), [413, 'PAYLOAD_TOO_LARGE']);
  t.strictSame(await post('x', { 'content-type': 'text/plain' }), [415, 'UNSUPPORTED_MEDIA_TYPE']);
  const get = await app.inject({ url: '/graphql?query=mutation{change}', headers: json });
  t.strictSame([get.statusCode, get.json().errors[0].extensions.code], [405, 'METHOD_NOT_ALLOWED']);
  const nowhere = await app.inject({ url: '/nowhere' });
  t.strictSame([nowhere.statusCode, nowhere.json().errors[0].extensions.code], [404, 'NOT_FOUND']);
});

t.test('queries are not written to the log', async (t) => {
  const { app, logs, headers } = await start(t);
  await app.inject({ url: '/graphql?query={hello%23swordfish}', headers: await headers(ada) });
  t.notMatch(logs(), /swordfish/);
});

t.test('two parts that answer the same field are a mistake at the start', async (t) => {
  const twice = { Query: { hello: () => 'other' } };
  await t.rejects(start(t, [resolvers, twice]), { message: 'Query.hello has two resolvers' });
});

t.test('health is open to everybody', async (t) => {
  const { app } = await start(t);
  t.equal((await app.inject('/health/live')).statusCode, 200);
  t.equal((await app.inject('/health/ready')).statusCode, 200);
  const failing = await createSubgraph({
    name: 'things',
    typeDefs,
    resolvers: [resolvers],
    claims: { keys: issuer.keys },
    isReady: async () => {
      throw new Error('the store is gone');
    },
  });
  t.teardown(() => failing.close());
  t.equal((await failing.inject('/health/ready')).statusCode, 503);
});
