import {
  type DocumentNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  visit,
} from 'graphql';

/**
 * The same operation with aliases that are names of fields, of keys and requirements among them, of what engines
 * use for themselves, and of what every object of JavaScript inherits.
 */
export function misleadingAliases(
  document: DocumentNode,
  schema: GraphQLSchema,
): { readonly document: DocumentNode; readonly original: ReadonlyMap<string, string> } {
  const names = new Set(['_entities', 'representations', '_e0', 'constructor', 'toString']);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue;
    for (const name of Object.keys(type.getFields())) names.add(name);
  }
  const pool = [...names];
  const misleading = new Map<string, string>();
  const renamed = visit(document, {
    Field(node) {
      if (node.alias === undefined) return undefined;
      const alias = node.alias.value;
      const name = misleading.get(alias) ?? pool.pop() ?? alias;
      misleading.set(alias, name);
      return { ...node, alias: { ...node.alias, value: name } };
    },
  });
  return {
    document: renamed,
    original: new Map(Array.from(misleading, ([from, to]) => [to, from])),
  };
}

/** Data with its keys named back. */
export function renameKeys(data: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(data)) return data.map((item) => renameKeys(item, names));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [names.get(key) ?? key, renameKeys(value, names)]),
  );
}
