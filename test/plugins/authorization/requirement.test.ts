import t from 'tap';
import type { Coordinates } from '#gateway/supergraph/coordinates.ts';
import { readRequirements } from '#plugins/authorization/rules/requirement.ts';
import { coordinatesOf, coordinatesOfSupergraph } from './support/guarded-graph.ts';

function asked(coordinates: Coordinates, coordinate: string) {
  const [type = '', name = ''] = coordinate.split('.');
  const field = coordinates.fieldOf(type, name);
  return field && readRequirements(coordinates)[field.index];
}

const nothing = { authenticated: false, scopes: [], policies: [] };

t.test(
  'a directive guards its field, the fields of its type, and those that return it',
  async (t) => {
    const coordinates = coordinatesOf({
      a: `
      type Query { open: Int  me: User  money: Money  mood: Mood  own: Int @authenticated }
      type User @authenticated { id: ID  mail: String @requiresScopes(scopes: [["mail"]]) }
      scalar Money @requiresScopes(scopes: [["a", "b"], ["c"]])
      enum Mood @policy(policies: [["adult"]]) { HAPPY }`,
    });
    t.same(asked(coordinates, 'Query.open'), nothing);
    t.same(asked(coordinates, 'Query.own'), { ...nothing, authenticated: true });
    t.same(asked(coordinates, 'Query.me'), { ...nothing, authenticated: true });
    t.same(asked(coordinates, 'User.id'), { ...nothing, authenticated: true });
    t.same(asked(coordinates, 'User.mail'), {
      authenticated: true,
      scopes: [[['mail']]],
      policies: [],
    });
    t.same(asked(coordinates, 'Query.money'), { ...nothing, scopes: [[['a', 'b'], ['c']]] });
    t.same(asked(coordinates, 'Query.mood'), { ...nothing, policies: [[['adult']]] });
  },
);

t.test(
  'an interface asks what its types ask together, and none of them asks more for it',
  async (t) => {
    const coordinates = coordinatesOf({
      a: `
      type Query { posts: [Post] }
      interface Post { id: ID title: String }
      type Blog implements Post { id: ID title: String }
      type Secret implements Post @authenticated {
        id: ID
        title: String @requiresScopes(scopes: [["secrets"]])
      }`,
    });
    t.same(asked(coordinates, 'Query.posts'), { ...nothing, authenticated: true });
    t.same(asked(coordinates, 'Post.title'), {
      ...nothing,
      authenticated: true,
      scopes: [[['secrets']]],
    });
    t.same(asked(coordinates, 'Blog.title'), nothing);
  },
);

t.test('what another composer left on an interface alone is asked of its types', async (t) => {
  const coordinates = coordinatesOfSupergraph(`
    schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/authenticated/v0.1", as: "known", for: SECURITY)
      @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY) { query: Query }
    directive @known on FIELD_DEFINITION | INTERFACE
    directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
    directive @link(url: String, as: String, for: link__Purpose) repeatable on SCHEMA
    enum link__Purpose { SECURITY EXECUTION }
    enum join__Graph { A @join__graph(name: "a", url: "http://a") }
    type Query @join__type(graph: A) { posts: [Post] }
    interface Post @join__type(graph: A) {
      id: ID @known
      title: String @requiresScopes(scopes: [["a"], ["b"]])
    }
    type Blog implements Post @join__type(graph: A) { id: ID  title: String }
    type Note implements Post @join__type(graph: A) {
      id: ID
      title: String @requiresScopes(scopes: [["a", "c"]])
    }`);
  t.ok(coordinates.isGuarded);
  t.same(asked(coordinates, 'Blog.id'), { ...nothing, authenticated: true });
  t.same(asked(coordinates, 'Note.id'), { ...nothing, authenticated: true });
  t.same(asked(coordinates, 'Blog.title'), { ...nothing, scopes: [[['a'], ['b']]] });
});
