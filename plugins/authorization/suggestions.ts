import {
  GraphQLError,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/** A mistake without the suggestions whose names are not in `schema`, what its reader sees. */
export function withoutHiddenNames(error: GraphQLError, schema: GraphQLSchema): GraphQLError {
  const seen = namesIn(schema);
  return withSuggestions(error, (name) => seen.has(name));
}

/** A mistake without any suggestion. */
export function withoutNames(error: GraphQLError): GraphQLError {
  return withSuggestions(error, () => false);
}

function withSuggestions(error: GraphQLError, isTold: (name: string) => boolean): GraphQLError {
  const message = error.message.replace(/ Did you mean ([^"]*)(".*")\?$/s, (whole, kind, list) => {
    const names = [...String(list).matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
    const told = names.filter(isTold).map((name) => `"${name}"`);
    if (told.length === names.length) return whole;
    return told.length === 0 ? '' : ` Did you mean ${kind}${or.format(told)}?`;
  });
  if (message === error.message) return error;
  return new GraphQLError(message, { nodes: error.nodes ?? null, extensions: error.extensions });
}

const or = new Intl.ListFormat('en', { type: 'disjunction' });

const namesOfSchema = new WeakMap<GraphQLSchema, ReadonlySet<string>>();

/** Every name that a schema shows. */
function namesIn(schema: GraphQLSchema): ReadonlySet<string> {
  const known = namesOfSchema.get(schema);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const directive of schema.getDirectives()) {
    names.add(directive.name);
    for (const { name } of directive.args) names.add(name);
  }
  for (const type of Object.values(schema.getTypeMap())) {
    names.add(type.name);
    if (isEnumType(type)) for (const { name } of type.getValues()) names.add(name);
    if (isInputObjectType(type)) for (const name of Object.keys(type.getFields())) names.add(name);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      names.add(field.name);
      for (const { name } of field.args) names.add(name);
    }
  }
  namesOfSchema.set(schema, names);
  return names;
}
