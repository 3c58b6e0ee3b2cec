import {
  type ASTNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Operation } from './resolve-conditions.ts';

const typename: SelectionNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: '__typename' },
};

/**
 * The operation with `__typename` where nothing is selected, of no object: where its conditions left nothing, which no
 * planner and no subgraph takes, and where type conditions contradict each other. There Hive's planner leaves
 * out the whole field. Nobody sees it: the answer is written by the operation as it was.
 */
export function fillEmpty(schema: GraphQLSchema, { definition, fragments }: Operation): Operation {
  const typeInfo = new TypeInfo(schema);
  const selectsNothing = ({ selectionSet }: FieldNode): boolean => {
    const type = getNamedType(typeInfo.getType());
    if (selectionSet === undefined || !isAbstractType(type)) return false;
    const objects = schema.getPossibleTypes(type);
    // Of an interface that only interface objects have, nobody can tell `__typename`.
    return objects.length > 0 && !selects(selectionSet, objects, new Set());
  };
  /** `seen` holds the fragments that were looked through, with the types that were left of objects there. */
  const selects = (
    { selections }: SelectionSetNode,
    objects: readonly GraphQLObjectType[],
    seen: Set<string>,
  ): boolean =>
    objects.length > 0 &&
    selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return true;
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
      const fragment = isSpread ? fragments.get(selection.name.value) : selection;
      if (fragment === undefined) return false;
      if (isSpread) {
        const key = `${selection.name.value} ${objects.join()}`;
        if (seen.has(key)) return false;
        seen.add(key);
      }
      const condition = fragment.typeCondition?.name.value;
      const left = condition === undefined ? objects : objects.filter(meets(schema, condition));
      return selects(fragment.selectionSet, left, seen);
    });
  const fill = <Node extends ASTNode>(node: Node): Node =>
    visit(
      node,
      visitWithTypeInfo(typeInfo, {
        enter(each: ASTNode) {
          if (each.kind === Kind.SELECTION_SET && each.selections.length === 0) {
            return { ...each, selections: [typename] };
          }
          if (each.kind !== Kind.FIELD || !selectsNothing(each)) return undefined;
          const selections = [typename, ...(each.selectionSet?.selections ?? [])];
          return { ...each, selectionSet: { kind: Kind.SELECTION_SET, selections } };
        },
      }),
    );
  return {
    definition: fill(definition),
    fragments: new Map(Array.from(fragments, ([name, fragment]) => [name, fill(fragment)])),
  };
}

function meets(schema: GraphQLSchema, condition: string): (object: GraphQLObjectType) => boolean {
  const type = schema.getType(condition);
  return (object) =>
    isObjectType(type) ? type === object : isAbstractType(type) && schema.isSubType(type, object);
}
