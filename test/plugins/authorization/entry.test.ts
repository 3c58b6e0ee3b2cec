import t from 'tap';
import { anonymousCaller } from '#contract/caller.ts';
import { CallerViews } from '#plugins/authorization/caller-view.ts';
import { readRules } from '#plugins/authorization/rules/rules.ts';
import { callerWith, coordinatesOf } from './support/guarded-graph.ts';

const rules = readRules(
  coordinatesOf({
    shop: `
      type Query {
        product: Product  products: [Product]  productById(id: ID): Product  allProducts: [Product]
        productsConnection: ProductConnection  topProducts: [Product]  categories: [Category]
        productCount: Int  owner: User  reviewed: Product @access(on: "Review")
        audit: String @access(action: "MANAGE")  status: String @access(by: "anyone")
      }
      type Mutation {
        createProduct: Product  addProduct: Product  updateProduct: Product  updateManyProducts: Int
        upsertProduct: Product  deleteProduct: ID  removeCategories: Int  publishProduct: Product
        unpublishProduct: Product  create: Int  creature: Int  approveOrder: Product
        approve: Product @access(action: "PUBLISH", on: "Product")
        signOut: Boolean @access(by: "session")
        invite: Boolean @access(action: "MANAGE", by: "session")
      }
      type Product @key(fields: "id") { id: ID! name: String }
      type ProductConnection { edges: [ProductEdge] pageInfo: PageInfo }
      type ProductEdge { node: Product cursor: String }
      type PageInfo { hasNextPage: Boolean }
      type Category @key(fields: "id") { id: ID! }
      type Review @key(fields: "id") { id: ID! }
      type User @key(fields: "id") { id: ID! }`,
  }),
);

const expected: Readonly<Record<string, readonly [action: string, model: string | null]>> = {
  'Query.product': ['READ', 'Product'],
  'Query.products': ['READ', 'Product'],
  'Query.productById': ['READ', 'Product'],
  'Query.allProducts': ['READ', 'Product'],
  'Query.productsConnection': ['READ', 'Product'],
  'Query.topProducts': ['READ', null],
  'Query.categories': ['READ', 'Category'],
  'Query.productCount': ['READ', null],
  'Query.owner': ['READ', null],
  'Query.reviewed': ['READ', 'Review'],
  'Query.audit': ['MANAGE', null],
  'Mutation.createProduct': ['CREATE', 'Product'],
  'Mutation.addProduct': ['CREATE', 'Product'],
  'Mutation.updateProduct': ['UPDATE', 'Product'],
  'Mutation.updateManyProducts': ['UPDATE', 'Product'],
  'Mutation.upsertProduct': ['UPDATE', 'Product'],
  'Mutation.deleteProduct': ['DELETE', 'Product'],
  'Mutation.removeCategories': ['DELETE', 'Category'],
  'Mutation.publishProduct': ['PUBLISH', 'Product'],
  'Mutation.unpublishProduct': ['UNPUBLISH', 'Product'],
  'Mutation.create': ['CREATE', null],
  'Mutation.creature': ['UPDATE', null],
  'Mutation.approveOrder': ['UPDATE', null],
  'Mutation.approve': ['PUBLISH', 'Product'],
  'Product.name': ['READ', null],
};

for (const [coordinate, [action, model]] of Object.entries(expected)) {
  t.test(`${coordinate} is ${action} on ${model ?? 'nothing else'}`, async (t) => {
    const [type = '', name = ''] = coordinate.split('.');
    const field = rules.coordinates.fieldOf(type, name);
    if (field === undefined) throw new Error('there is no such field');
    const entry = rules.entryOf(field);
    t.equal(entry.action, action);
    t.equal(entry.model?.name ?? null, model);
    t.equal(entry.sessions, null);
  });
}

t.test('a field can be for people who have signed in', async (t) => {
  const sessions = (name: string) => {
    const field = rules.coordinates.fieldOf('Mutation', name);
    return field && rules.entryOf(field).sessions;
  };
  t.equal(sessions('signOut'), 'alone');
  t.equal(sessions('invite'), 'too', 'or for them besides whoever was granted it');
});

t.test('a field can be for everybody', async (t) => {
  const open = (coordinate: string) => {
    const [type = '', name = ''] = coordinate.split('.');
    const field = rules.coordinates.fieldOf(type, name);
    return field && rules.entryOf(field).isForAnyone;
  };
  t.equal(open('Query.status'), true);
  t.equal(open('Query.audit'), false);
  t.ok(rules.hasOpenFields);
  const views = new CallerViews();
  const nobodys = views.viewFor(anonymousCaller, rules.coordinates);
  t.equal(nobodys.isNobodys, true, 'which makes nobody anybody');
  t.equal(nobodys.view.isEmpty, false);
  t.equal(
    views.viewFor(callerWith([{ actions: ['READ'], on: 'Product' }]), rules.coordinates).isNobodys,
    false,
  );
});

t.test('what @access cannot mean refuses the supergraph', async (t) => {
  for (const [given, reason] of [
    ['action: "BURN"', '@access(action:) is one of'],
    ['on: "Nobody"', '@access(on:) names no type'],
    ['by: "key"', '@access(by:) is "session" or "anyone"'],
  ] as const) {
    const coordinates = coordinatesOf({ a: `type Query { a: Int @access(${given}) }` });
    t.throws(() => readRules(coordinates), {
      code: 'SUPERGRAPH_INVALID',
      message: new RegExp(`^Query\\.a: ${reason.replace(/[()]/g, '\\$&')}`),
    });
  }
});
