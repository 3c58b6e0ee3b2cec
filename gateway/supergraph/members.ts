import { type DirectiveNode, type DocumentNode, Kind, type TypeNode } from 'graphql';

/** What subgraphs know of the members of unions and of the types of interfaces; of interest only where they differ. */
export interface MembersBySubgraph {
  /** Whether any abstract type has other members in one subgraph than in another. */
  readonly differ: boolean;
  /** The types of objects that an abstract type has in a subgraph. */
  membersIn(subgraph: string, abstract: string): readonly string[];
  /** The type of a field that a subgraph can answer by itself, without lists and non-nulls; null where it cannot. */
  fieldIn(subgraph: string, type: string, field: string): string | null;
  /** The type that a subgraph itself gives a field, the same way; null where it is the supergraph's. */
  ownTypeIn(subgraph: string, type: string, field: string): string | null;
  /** The selection that a subgraph requires of others for a field (`@requires`); null for nothing. */
  requirementIn(subgraph: string, type: string, field: string): string | null;
  /** Whether a subgraph has a field for nothing but to require it of others: it cannot be asked for it. */
  isBorrowedIn(subgraph: string, type: string, field: string): boolean;
}

/** Reads the join directives of a supergraph (https://specs.apollo.dev/join/v0.5). */
export function readMembers(document: DocumentNode): MembersBySubgraph {
  const graphs = new Map<string, string>();
  for (const [value, subgraph] of graphNamesOf(document)) graphs.set(subgraph, value);
  const members = new Map<string, Map<string, string[]>>();
  const fields = new Map<string, Map<string, string>>();
  const ownTypes = new Map<string, string>();
  const requirements = new Map<string, string>();
  const external = new Set<string>();
  const namedBy = { requires: new Set<string>(), provides: new Set<string>() };
  const add = (abstract: string, graph: string, member: string): void => {
    const byGraph = members.get(abstract) ?? new Map<string, string[]>();
    members.set(abstract, byGraph.set(graph, [...(byGraph.get(graph) ?? []), member]));
  };
  const typeGraphs = new Map<string, readonly string[]>();
  for (const definition of document.definitions) {
    if (!('directives' in definition) || !('name' in definition) || !definition.name) continue;
    const name = definition.name.value;
    const directives = definition.directives ?? [];
    const own = joinArgumentsOf(directives, 'join__type').flatMap(({ graph }) => graph ?? []);
    typeGraphs.set(name, own);
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const { graph, member } of joinArgumentsOf(directives, 'join__unionMember')) {
        if (graph !== undefined && member !== undefined) add(name, graph, member);
      }
    }
    if (
      definition.kind !== Kind.OBJECT_TYPE_DEFINITION &&
      definition.kind !== Kind.INTERFACE_TYPE_DEFINITION
    ) {
      continue;
    }
    for (const { graph, interface: parent } of joinArgumentsOf(directives, 'join__implements')) {
      const isObject = definition.kind === Kind.OBJECT_TYPE_DEFINITION;
      if (isObject && graph !== undefined && parent !== undefined) add(parent, graph, name);
    }
    for (const field of definition.fields ?? []) {
      const joined = joinArgumentsOf(field.directives ?? [], 'join__field');
      for (const { graph, type, requires, provides, external: isExternal } of joined) {
        const at = `${graph} ${name} ${field.name.value}`;
        if (isExternal === 'true') external.add(at);
        for (const [each] of requires?.matchAll(/\w+/g) ?? [])
          namedBy.requires.add(`${graph} ${name} ${each}`);
        for (const [each] of provides?.matchAll(/\w+/g) ?? [])
          namedBy.provides.add(`${graph} ${each}`);
        if (requires !== undefined) requirements.set(at, requires);
        const named = type?.match(/\w+/)?.[0];
        if (named !== undefined) ownTypes.set(at, named);
      }
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
      const answering = joined.filter((each) => !isBound(each)).flatMap(({ graph }) => graph ?? []);
      for (const graph of joined.length === 0 ? own : answering) {
        const key = `${graph} ${name}`;
        const types = fields.get(key) ?? new Map<string, string>();
        const type = ownTypes.get(`${key} ${field.name.value}`) ?? namedType(field.type);
        fields.set(key, types.set(field.name.value, type));
      }
    }
  }
  return Object.freeze({
    differ: Array.from(members).some(([abstract, byGraph]) => {
      const lists = (typeGraphs.get(abstract) ?? []).map((graph) => byGraph.get(graph) ?? []);
      return new Set(lists.map((list) => [...list].sort().join())).size > 1;
    }),
    membersIn: (subgraph, abstract) => members.get(abstract)?.get(graphs.get(subgraph) ?? '') ?? [],
    fieldIn: (subgraph, type, field) =>
      fields.get(`${graphs.get(subgraph)} ${type}`)?.get(field) ?? null,
    ownTypeIn: (subgraph, type, field) =>
      ownTypes.get(`${graphs.get(subgraph)} ${type} ${field}`) ?? null,
    requirementIn: (subgraph, type, field) =>
      requirements.get(`${graphs.get(subgraph)} ${type} ${field}`) ?? null,
    isBorrowedIn(subgraph, type, field) {
      const graph = graphs.get(subgraph);
      const at = `${graph} ${type} ${field}`;
      const isRequired = external.has(at) && namedBy.requires.has(at);
      return isRequired && !namedBy.provides.has(`${graph} ${field}`);
    },
  } satisfies MembersBySubgraph);
}

type JoinArguments = Readonly<Partial<Record<string, string>>>;

/** Whether a subgraph needs others for a field, or has given it up. */
function isBound({ external, requires, overrideLabel, usedOverridden }: JoinArguments): boolean {
  return (
    external === 'true' ||
    requires !== undefined ||
    overrideLabel !== undefined ||
    usedOverridden === 'true'
  );
}

/** The names of the subgraphs, by the value that stands for each in join directives. */
export function graphNamesOf(document: DocumentNode): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') {
      continue;
    }
    for (const value of definition.values ?? []) {
      const name = joinArgumentsOf(value.directives ?? [], 'join__graph')[0]?.name;
      if (name !== undefined) names.set(value.name.value, name);
    }
  }
  return names;
}

/** The arguments of each application of a directive, as texts. */
export function joinArgumentsOf(
  directives: readonly DirectiveNode[],
  name: string,
): JoinArguments[] {
  return directives
    .filter((directive) => directive.name.value === name)
    .map((directive) =>
      Object.fromEntries(
        (directive.arguments ?? []).flatMap(({ name: argument, value }) =>
          'value' in value ? [[argument.value, String(value.value)]] : [],
        ),
      ),
    );
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}
