import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';

type Item = Readonly<Record<string, unknown>>;

/** What a subgraph serves: objects by their type, and the values of root fields. README.md has the rules. */
export interface SubgraphData {
  readonly objects?: Readonly<Record<string, readonly Item[]>>;
  readonly Query?: Item;
  readonly Mutation?: Item;
  readonly Subscription?: Item;
}

/** An object that is being answered, with the representation that asked for it, if one did. */
interface Source {
  readonly item: Item;
  readonly representation: Item | null;
}

/** A subgraph that answers from data alone. */
export function dataSchema(typeDefs: string, data: SubgraphData): GraphQLSchema {
  const document = parse(typeDefs);
  const schema = buildSubgraphSchema([{ typeDefs: document }]);
  const store = new Map<string, readonly Item[]>(Object.entries(data.objects ?? {}));
  const keys = keysOf(document);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isAbstractType(type)) type.resolveType = (source: Source) => typeOf(source);
    if (!isObjectType(type)) continue;
    type.isTypeOf = undefined;
    for (const field of Object.values(type.getFields())) {
      if (type === schema.getQueryType() && field.name === '_service') continue;
      if (field.name === '_entities' && type === schema.getQueryType()) {
        field.resolve = (_: unknown, { representations }: { representations: readonly Item[] }) =>
          representations.map((each) => entityOf(each, schema, store, keys));
        continue;
      }
      const root = rootData(schema, type, data);
      if (type === schema.getSubscriptionType()) {
        field.resolve = (event: unknown) => resolveValue(event, field.type, {}, null, store);
        field.subscribe = async function* () {
          const events = root?.[field.name];
          for (const event of Array.isArray(events) ? events : []) yield event;
        };
        continue;
      }
      field.resolve = (source: Source | undefined, given: Item) => {
        const item = root ?? source?.item ?? {};
        const representation = root === null ? (source?.representation ?? null) : null;
        return resolveValue(item[field.name], field.type, given, representation, store);
      };
    }
  }
  return schema;
}

function rootData(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  { Query = {}, Mutation = {}, Subscription = {} }: SubgraphData,
): Item | null {
  if (type === schema.getQueryType()) return Query;
  if (type === schema.getMutationType()) return Mutation;
  return type === schema.getSubscriptionType() ? Subscription : null;
}

function resolveValue(
  value: unknown,
  type: GraphQLOutputType,
  given: Item,
  representation: Item | null,
  store: ReadonlyMap<string, readonly Item[]>,
): unknown {
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) {
    if (isListType(nullable)) {
      return value.map((each) => resolveValue(each, nullable.ofType, {}, representation, store));
    }
    const sources = value.map((each) => resolveValue(each, nullable, {}, representation, store));
    return sources.find((each) => isSource(each) && holds(each.item, given)) ?? null;
  }
  if (typeof value === 'string') return filledIn(value, representation);
  if (typeof value !== 'object') return value;
  const { $: reference, $error: message, ...rest } = value as Record<string, unknown>;
  if (typeof message === 'string') throw new Error(message);
  if (typeof reference !== 'string')
    return { item: { ...value }, representation: null } satisfies Source;
  const item = store.get(reference)?.find((each) => holds(each, rest));
  if (item === undefined) throw new TypeError(`no ${reference} is ${JSON.stringify(rest)}`);
  return { item: { ...item, __typename: reference }, representation: null } satisfies Source;
}

/** `{name}` in a text stands for that field of the representation: what `@requires` asked to be sent. */
function filledIn(text: string, representation: Item | null): string {
  if (representation === null) return text;
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (!Object.hasOwn(representation, name)) throw new Error(`the representation has no ${name}`);
    return String(representation[name]);
  });
}

function entityOf(
  representation: Item,
  schema: GraphQLSchema,
  store: ReadonlyMap<string, readonly Item[]>,
  keys: ReadonlyMap<string, readonly SelectionSetNode[]>,
): Source | null {
  const name = String(representation.__typename);
  const type = schema.getType(name);
  const types = isInterfaceType(type) ? schema.getPossibleTypes(type).map((each) => each.name) : [];
  for (const each of [name, ...types]) {
    const key = (keys.get(name) ?? []).find((fields) => carries(representation, fields));
    const found = key && store.get(each)?.find((item) => holds(item, picked(representation, key)));
    if (found === undefined) continue;
    return { item: { ...representation, ...found, __typename: each }, representation };
  }
  return null;
}

function keysOf(document: DocumentNode): ReadonlyMap<string, readonly SelectionSetNode[]> {
  const keys = new Map<string, SelectionSetNode[]>();
  for (const definition of document.definitions) {
    if (!('directives' in definition) || !('name' in definition) || !definition.name) continue;
    for (const directive of definition.directives ?? []) {
      const fields = directive.arguments?.find((each) => each.name.value === 'fields')?.value;
      if (directive.name.value !== 'key' || fields?.kind !== Kind.STRING) continue;
      const [operation] = parse(`{ ${fields.value} }`).definitions;
      if (operation?.kind !== Kind.OPERATION_DEFINITION) continue;
      const known = keys.get(definition.name.value) ?? [];
      keys.set(definition.name.value, [...known, operation.selectionSet]);
    }
  }
  return keys;
}

function fieldsOf({ selections }: SelectionSetNode): readonly FieldNode[] {
  return selections.filter((each) => each.kind === Kind.FIELD);
}

function carries(item: Item, fields: SelectionSetNode): boolean {
  return fieldsOf(fields).every(({ name, selectionSet }) => {
    const value = item[name.value];
    if (value === undefined || value === null) return false;
    return selectionSet === undefined || carries(value as Item, selectionSet);
  });
}

function picked(item: Item, fields: SelectionSetNode): Item {
  return Object.fromEntries(
    fieldsOf(fields).map(({ name, selectionSet }) => {
      const value = item[name.value];
      return [name.value, selectionSet ? picked(value as Item, selectionSet) : value];
    }),
  );
}

/** Whether an object has what is asked for, as far as it has such fields at all. */
function holds(item: Item, asked: Item): boolean {
  return Object.entries(asked).every(([name, value]) => {
    if (value === undefined || value === null || !Object.hasOwn(item, name)) return true;
    const own = item[name];
    return typeof own === 'object' && own !== null
      ? holds(own as Item, value as Item)
      : String(own) === String(value);
  });
}

function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && 'item' in value;
}

function typeOf({ item }: Source): string {
  return String(item.__typename);
}
