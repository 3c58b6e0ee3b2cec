import { type DocumentNode, Kind } from 'graphql';

/** For each composite type, the names of the object types that it stands for (an object type: itself). */
export type TypeConditions = ReadonlyMap<string, ReadonlySet<string>>;

export function readTypeConditions(document: DocumentNode): TypeConditions {
  const matches = new Map<string, Set<string>>();
  const add = (condition: string, name: string): void => {
    const names = matches.get(condition);
    if (names === undefined) matches.set(condition, new Set([name]));
    else names.add(name);
  };
  for (const definition of document.definitions) {
    const name = 'name' in definition ? definition.name?.value : undefined;
    if (name === undefined) continue;
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) {
      add(name, name);
      for (const parent of definition.interfaces ?? []) add(parent.name.value, name);
    } else if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      // Where it is an @interfaceObject, a subgraph answers with the interface's own name.
      add(name, name);
    } else if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const member of definition.types ?? []) add(name, member.name.value);
    }
  }
  return matches;
}
