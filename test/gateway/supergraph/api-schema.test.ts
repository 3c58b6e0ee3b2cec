import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { parse, printSchema, validateSchema } from 'graphql';
import t from 'tap';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@inaccessible", "@tag", "@shareable", "@authenticated", "@requiresScopes"])\n`;

function compose(typeDefs: string): string {
  const { supergraphSdl, errors } = composeServices([
    { name: 'one', url: 'http://127.0.0.1:1/', typeDefs: parse(link + typeDefs) },
  ]);
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? []);
  return supergraphSdl;
}

t.test('clients see neither what is for routers nor what is @inaccessible', async (t) => {
  const { schema, subgraphs } = await loadSupergraph(
    compose(`
      "All there is to ask"
      type Query {
        shown(visible: Int, hidden: Int @inaccessible): Shown @tag(name: "x")
        hidden: Hidden @inaccessible
        any: Any
        old: Int @deprecated(reason: "no more")
      }
      type Shown implements HiddenNode & Node @key(fields: "id") { id: ID! secret: String @inaccessible @authenticated kind: Kind }
      type Hidden @inaccessible { id: ID! }
      interface HiddenNode @inaccessible { id: ID! }
      interface Node { id: ID! }
      union Any = Shown | Hidden
      enum Kind { A B @inaccessible }
      input In { a: Int b: Int @inaccessible }
      type Mutation { put(input: In): Int @requiresScopes(scopes: [["x"]]) }
      scalar Time @specifiedBy(url: "https://example.com/time")
      type Uses { at: Time }`),
  );
  t.same(validateSchema(schema), []);
  const sdl = printSchema(schema);
  t.notMatch(
    sdl,
    /join__|link__|core__|idden|secret|@tag|@authenticated|requiresScopes|inaccessible/,
  );
  t.match(sdl, /"""All there is to ask"""/);
  t.match(sdl, /old: Int @deprecated\(reason: "no more"\)/);
  t.match(sdl, /scalar Time @specifiedBy/);
  t.match(sdl, /union Any = Shown\n/);
  t.match(sdl, /type Shown implements Node \{/);
  t.same([...subgraphs.keys()], ['one']);
});

t.test("the project's own supergraph loads", async (t) => {
  const { schema, subgraphs } = await loadSupergraph(readFileSync('supergraph.graphql', 'utf8'));
  t.same([...subgraphs.keys()].sort(), ['authorization', 'cloudbeaver', 'content', 'identity']);
  const fields = Object.keys(schema.getQueryType()?.getFields() ?? {});
  t.ok(['me', 'viewer', 'apiKeys', 'apiKey', 'posts'].every((name) => fields.includes(name)));
  t.notMatch(fields, /^_/);
});

t.test('what is no supergraph is refused with its place', async (t) => {
  await t.rejects(loadSupergraph('type Query { a: Int }', 'x.graphql'), {
    code: 'SUPERGRAPH_INVALID',
    message: /^x\.graphql names no subgraphs/,
  });
  await t.rejects(loadSupergraph('type Query {', 'x.graphql'), {
    code: 'SUPERGRAPH_INVALID',
    message: /^x\.graphql:1:13: Syntax Error/,
  });
});
