import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** The fields that selection sets ask of an object of `type`, by response key (GraphQL specification, §6.3.2). */
export function collectFields(
  source: {
    readonly schema: GraphQLSchema;
    readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  },
  type: GraphQLObjectType | GraphQLInterfaceType,
  selectionSets: readonly SelectionSetNode[],
): Map<string, [FieldNode, ...FieldNode[]]> {
  const fields = new Map<string, [FieldNode, ...FieldNode[]]>();
  const spread = new Set<string>();
  const applies = (condition: string | undefined): boolean => {
    if (condition === undefined || condition === type.name) return true;
    const conditional = source.schema.getType(condition);
    return isAbstractType(conditional) && source.schema.isSubType(conditional, type);
  };
  const collect = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const nodes = fields.get(key);
        if (nodes === undefined) fields.set(key, [selection]);
        else nodes.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(selection.typeCondition?.name.value)) collect(selection.selectionSet);
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = source.fragments.get(selection.name.value);
        if (fragment !== undefined && applies(fragment.typeCondition.name.value)) {
          collect(fragment.selectionSet);
        }
      }
    }
  };
  selectionSets.forEach(collect);
  return fields;
}
