import { type ASTNode, Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';

/**
 * The document of an entity fetch with its root field (`_entities`) `times` over, each with variables of its own in
 * the place of those in `own`. The first one stays as it is; `nameAt` says what the others are called.
 */
export function repeatEntities(document: string, own: ReadonlySet<string>, times: number): string {
  if (times === 1) return document;
  const [definition, ...others] = parse(document, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION || others.length > 0) {
    throw new TypeError('A fetch with a context is one operation without fragments');
  }
  const selections = [...definition.selectionSet.selections];
  const variableDefinitions = [...(definition.variableDefinitions ?? [])];
  for (let at = 1; at < times; at++) {
    for (const selection of definition.selectionSet.selections) {
      if (selection.kind !== Kind.FIELD) {
        throw new TypeError('A fetch of entities has nothing but fields at its root');
      }
      const name = nameAt(at, selection.alias?.value ?? selection.name.value);
      selections.push({
        ...renamed(selection, own, at),
        alias: { kind: Kind.NAME, value: name },
      });
    }
    for (const each of definition.variableDefinitions ?? []) {
      if (own.has(each.variable.name.value)) variableDefinitions.push(renamed(each, own, at));
    }
  }
  const selectionSet = { ...definition.selectionSet, selections };
  return stripIgnoredCharacters(print({ ...definition, variableDefinitions, selectionSet }));
}

/** What `name` is called in the repetition of index `at`. No client's variable begins so (`withPrivateNames`). */
export function nameAt(at: number, name: string): string {
  return at === 0 ? name : `_${at}_${name}`;
}

function renamed<Node extends ASTNode>(node: Node, own: ReadonlySet<string>, at: number): Node {
  return visit(node, {
    Variable(each) {
      const { value } = each.name;
      if (!own.has(value)) return undefined;
      return { ...each, name: { kind: Kind.NAME, value: nameAt(at, value) } };
    },
  });
}
