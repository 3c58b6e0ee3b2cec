import fc from 'fast-check';
import { validateSchema } from 'graphql';
import t from 'tap';
import type { FieldCoordinate } from '#gateway/supergraph/coordinates.ts';
import { narrowSchema } from '#gateway/supergraph/narrow-schema.ts';
import { createView, type View } from '#gateway/supergraph/view.ts';
import { coordinatesOf } from '#test/plugins/authorization/support/guarded-graph.ts';

const coordinates = coordinatesOf({
  shop: `
    type Query {
      products: [Product!]!  node(id: ID!): Node  search(by: Search): [Found]  media: [Media]
      here: Context
    }
    type Mutation { rename(input: Rename!): Product }
    type Subscription { changed: Product }
    input Search { text: String  order: Order }
    input Rename { id: ID!  name: String  nested: Nested }
    input Nested { unit: Unit }
    enum Order { NEWEST OLDEST }
    enum Unit { KG LB }
    interface Node { id: ID! }
    interface Media implements Node { id: ID! url: String }
    type Product implements Node @key(fields: "id") {
      id: ID!  name: String  weight(unit: Unit = KG): Int  price: Price  brand: Brand @shareable
    }
    type Price @shareable { amount: Int }
    type Brand @shareable { name: String }
    type Image implements Node & Media @key(fields: "id") { id: ID!  url: String  width: Int }
    type Video implements Node & Media @key(fields: "id") { id: ID!  url: String  length: Int }
    union Found = Product | Image
    type Context @context(name: "here") @key(fields: "id") { id: ID!  secret: String  child: Child }
    type Child @key(fields: "id") { id: ID! }`,
  shipping: `
    type Product @key(fields: "id") {
      id: ID!
      weight(unit: Unit = KG): Int @external
      price: Price @external
      cost: Int @requires(fields: "weight price { amount }")
    }
    enum Unit { KG LB }
    type Price @shareable { amount: Int }`,
});

function viewWithout(...hidden: readonly string[]): View {
  return createView(coordinates, ({ coordinate }) => !hidden.includes(coordinate));
}

function hiddenBy(view: View): readonly string[] {
  return coordinates.fields.filter((field) => !view.shows(field)).map((field) => field.coordinate);
}

t.test('nothing hidden is the whole graph, with the schema that everybody shares', async (t) => {
  const view = viewWithout();
  t.ok(view.isWhole);
  t.notOk(view.isEmpty);
  t.equal(narrowSchema(view), coordinates.schema);
});

t.test('a field goes with what subgraphs are given to answer it, but for keys', async (t) => {
  t.same(hiddenBy(viewWithout('Product.weight')), ['Product.weight', 'Product.cost']);
  t.same([...hiddenBy(viewWithout('Price.amount'))].sort(), [
    'Price.amount',
    'Product.cost',
    'Product.price',
  ]);
  t.notOk(hiddenBy(viewWithout('Product.id')).includes('Product.cost'));
});

t.test('a field of an interface goes with that of any of its types', async (t) => {
  const hidden = hiddenBy(viewWithout('Video.url'));
  t.same([...hidden].sort(), ['Media.url', 'Video.url']);
  t.same([...hiddenBy(viewWithout('Video.id'))].sort(), ['Media.id', 'Node.id', 'Video.id']);
  t.same(
    [...hiddenBy(viewWithout('Media.id'))].sort(),
    ['Media.id', 'Node.id'],
    'and with that of an interface that extends it',
  );
});

t.test('a type of which nothing shows goes with the fields that return it', async (t) => {
  const without = hiddenBy(viewWithout('Brand.name'));
  t.same([...without].sort(), ['Brand.name', 'Product.brand']);
  const found = coordinates.fields.filter(({ type }) => ['Product', 'Image'].includes(type.name));
  const view = viewWithout(...found.map(({ coordinate }) => coordinate));
  t.ok(hiddenBy(view).includes('Query.search'), 'a union with the last of its types');
});

t.test('an interface of which no field shows is shown as a union of its types', async (t) => {
  const view = viewWithout('Image.id', 'Image.url', 'Image.width', 'Video.url', 'Video.id');
  const schema = narrowSchema(view);
  t.match(schema.getType('Media')?.toString(), 'Media');
  t.match(schema.getType('Media')?.astNode?.kind, 'UnionTypeDefinition');
  t.same(validateSchema(schema), []);
});

t.test('a schema holds nothing that cannot be reached', async (t) => {
  const schema = narrowSchema(viewWithout('Mutation.rename', 'Query.search', 'Product.weight'));
  for (const name of ['Mutation', 'Rename', 'Nested', 'Unit', 'Search', 'Order', 'Found']) {
    t.equal(schema.getType(name), undefined, name);
  }
  t.ok(schema.getType('Video'), 'and what an interface can be');
});

t.test('whatever is hidden, the schema is valid, and hiding more never shows more', async () => {
  const anyFields = fc.subarray(coordinates.fields.map((field) => field.coordinate));
  fc.assert(
    fc.property(anyFields, anyFields, (some, more) => {
      const wide = viewWithout(...some);
      const narrow = viewWithout(...some, ...more);
      const query = coordinates.typeOf('Query');
      const isSchema = query !== undefined && wide.showsType(query);
      return (
        (!isSchema || validateSchema(narrowSchema(wide)).length === 0) &&
        coordinates.fields.every((field) => wide.shows(field) || !narrow.shows(field)) &&
        coordinates.fields.every((field) => isInSchema(field, wide) === isReachable(field, wide))
      );
    }),
    { numRuns: 300 },
  );
});

function isInSchema(field: FieldCoordinate, view: View): boolean {
  const query = coordinates.typeOf('Query');
  if (query === undefined || !view.showsType(query)) return isReachable(field, view);
  const type = narrowSchema(view).getType(field.type.name);
  return type !== undefined && 'getFields' in type && field.name in type.getFields();
}

/** Whether a field shows, of a type that some operation can come to. */
function isReachable(field: FieldCoordinate, view: View): boolean {
  const seen = new Set(coordinates.types.filter(({ operation }) => operation !== null));
  for (const type of seen) {
    for (const each of type.fields)
      if (view.shows(each) && each.composite) seen.add(each.composite);
    for (const each of type.members) if (view.showsType(each)) seen.add(each);
    for (const each of type.interfaces) {
      if (each.fields.some((one) => view.shows(one))) seen.add(each);
    }
  }
  return view.shows(field) && seen.has(field.type);
}
