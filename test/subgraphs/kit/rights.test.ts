import { pino } from 'pino';
import t from 'tap';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import {
  allowsRecord,
  createSubgraph,
  type Resolvers,
  readRight,
  requireRight,
} from '#subgraphs/kit/index.ts';
import { askSubgraph, codeOf } from '../support/ask-subgraph.ts';
import { createClaimsIssuer } from '../support/claims-issuer.ts';

const issuer = await createClaimsIssuer();

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query {
    all(stage: String): [Post!]
    mine(stage: String, locale: String): [Post!]
  }
  type Post @key(fields: "id") { id: ID! }
`;

interface Post {
  readonly id: string;
  readonly author: string | null;
  readonly stage: string;
  readonly locale: string;
}

const posts: readonly Post[] = [
  { id: '1', author: 'ada', stage: 'DRAFT', locale: 'en' },
  { id: '2', author: 'ada', stage: 'PUBLISHED', locale: 'de' },
  { id: '3', author: 'eve', stage: 'PUBLISHED', locale: 'en' },
  { id: '4', author: null, stage: 'PUBLISHED', locale: 'en' },
];
const target = { subgraph: 'content', type: 'Post' };

const resolvers: Resolvers = {
  Query: {
    all: (_: unknown, asked: { stage?: string }, context) => {
      requireRight(context, 'READ', target, asked);
      return posts;
    },
    mine: (_: unknown, asked: { stage?: string; locale?: string }, context) => {
      const right = readRight(context, 'READ', target, asked);
      return posts.filter(
        (post) =>
          post.stage === (asked.stage ?? post.stage) &&
          post.locale === (asked.locale ?? post.locale) &&
          allowsRecord(right, { record: { ...post }, stage: post.stage, locale: post.locale }),
      );
    },
  },
};

const app = await createSubgraph({
  name: 'content',
  typeDefs,
  resolvers: [resolvers],
  claims: { keys: issuer.keys },
  logger: pino({ level: 'silent' }),
});
t.teardown(() => app.close());

function reader(written: readonly object[], caller: Partial<Caller> = {}): Caller {
  const permissions = permissionsOf([], undefined, readGrants(written));
  return { ...anonymousCaller, kind: 'key', subject: 'ada', permissions, ...caller };
}

async function ask(caller: Caller, field: string) {
  const token = await issuer.mint(caller, 'content', Date.now());
  return askSubgraph(app, { [CLAIMS_HEADER]: token }, `{ found: ${field} { id } }`);
}

async function idsOf(caller: Caller, field: string): Promise<string> {
  const { found } = (await ask(caller, field)).data ?? {};
  return Array.isArray(found) ? found.map(({ id }) => id).join() : 'nothing';
}

const read = { actions: ['READ'], on: 'Post' };

t.test('a right on everything is one on all rows', async (t) => {
  t.equal(await idsOf(reader([read]), 'all'), '1,2,3,4');
  t.equal(await idsOf(reader([read]), 'mine'), '1,2,3,4');
});

t.test('a right on some rows lets its holder see these alone', async (t) => {
  const own = reader([{ ...read, where: { author: 'ada' } }]);
  t.equal(await idsOf(own, 'mine'), '1,2');
  const others = reader([{ ...read, where: { NOT: { author: 'ada' } } }]);
  t.equal(await idsOf(others, 'mine'), '3', 'not the one of which the author is not known');
  const published = reader([{ ...read, stages: ['PUBLISHED'], locales: ['en'] }]);
  t.equal(await idsOf(published, 'mine'), '3,4');
  const either = reader([
    { ...read, where: { author: 'eve' } },
    { ...read, stages: ['DRAFT'] },
  ]);
  t.equal(await idsOf(either, 'mine'), '1,3');
});

t.test('a right on some rows is no right where nothing would leave the others out', async (t) => {
  const restricted = [{ where: { author: 'ada' } }, { stages: ['PUBLISHED'] }, { locales: ['en'] }];
  for (const restriction of restricted) {
    const answer = await ask(reader([{ ...read, ...restriction }]), 'all');
    t.equal(codeOf(answer), 'FORBIDDEN', JSON.stringify(restriction));
    t.match(answer.errors?.[0], {
      extensions: { authorization: { coordinate: 'Post', missing: 'READ' } },
    });
  }
  const published = reader([{ ...read, stages: ['PUBLISHED'] }]);
  t.equal((await ask(published, 'all(stage: "PUBLISHED")')).errors, undefined, 'the stage is told');
  t.equal(codeOf(await ask(published, 'all(stage: "DRAFT")')), 'FORBIDDEN');
  t.equal(codeOf(await ask(published, 'mine(stage: "DRAFT")')), 'FORBIDDEN');
});

t.test('a grant for an environment counts for callers who are in it', async (t) => {
  const staging = [{ ...read, environments: ['env_1'] }];
  t.equal(await idsOf(reader(staging, { environment: 'env_1' }), 'all'), '1,2,3,4');
  for (const environment of ['env_2', null]) {
    t.equal(codeOf(await ask(reader(staging, { environment }), 'all')), 'FORBIDDEN');
    t.equal(codeOf(await ask(reader(staging, { environment }), 'mine')), 'FORBIDDEN');
  }
});

t.test(
  'an anonymous caller may have grants too, and is otherwise asked to be somebody',
  async (t) => {
    const nobody = { kind: 'anonymous', subject: null } as const;
    const visitor = reader([{ ...read, stages: ['PUBLISHED'] }], nobody);
    t.equal(await idsOf(visitor, 'mine'), '2,3,4');
    t.equal(codeOf(await ask(visitor, 'all')), 'UNAUTHENTICATED');
    t.equal(codeOf(await ask(anonymousCaller, 'mine')), 'UNAUTHENTICATED');
  },
);

t.test('a grant on another subgraph is none here', async (t) => {
  const caller = reader([
    { actions: ['READ'], on: 'subgraph:identity' },
    { ...read, within: 'identity' },
  ]);
  t.equal(codeOf(await ask(caller, 'all')), 'FORBIDDEN');
  t.equal(await idsOf(reader([{ actions: ['READ'], on: 'subgraph:content' }]), 'all'), '1,2,3,4');
});

t.test('a target without a subgraph is one of the subgraph that asks', async (t) => {
  const app = await createSubgraph({
    name: 'content',
    typeDefs: 'type Query { here: Int elsewhere: Int }',
    resolvers: [
      {
        Query: {
          here: (_: unknown, __: unknown, context) =>
            requireRight(context, 'READ', { type: 'Post' }) && 1,
          elsewhere: (_: unknown, __: unknown, context) =>
            requireRight(context, 'READ', { subgraph: 'other', type: 'Post' }) && 1,
        },
      },
    ],
    claims: { keys: issuer.keys },
    logger: pino({ level: 'silent' }),
  });
  t.teardown(() => app.close());
  const grants = readGrants([{ actions: ['READ'], on: 'subgraph:content' }]);
  const caller: Caller = {
    ...anonymousCaller,
    kind: 'key',
    subject: 'ada',
    permissions: permissionsOf([], undefined, grants),
  };
  const headers = { [CLAIMS_HEADER]: await issuer.mint(caller, 'content', Date.now()) };
  t.same((await askSubgraph(app, headers, '{ here }')).data, { here: 1 });
  t.equal(codeOf(await askSubgraph(app, headers, '{ elsewhere }')), 'FORBIDDEN');
});
