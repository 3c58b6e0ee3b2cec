import {
  type ASTVisitor,
  type DirectiveNode,
  GraphQLError,
  Kind,
  type ValidationContext,
} from 'graphql';

/**
 * What is asked of `@defer` besides what the schema says of it (GraphQL specification, incremental delivery,
 * §5.7.4–6). In a subscription it is taken and does nothing: each event is answered in one piece.
 */
export const deferRules = [labelsAreDistinct, labelsAreShort, mutationsDeferBelowTheRoot];

/** Labels tell parts apart, so each is a text of its own, known before any variable is. */
function labelsAreDistinct(context: ValidationContext): ASTVisitor {
  const known = new Map<string, DirectiveNode>();
  return {
    Directive(node) {
      if (node.name.value !== 'defer') return;
      const label = node.arguments?.find((each) => each.name.value === 'label')?.value;
      if (label === undefined || label.kind === Kind.NULL) return;
      const before = label.kind === Kind.STRING ? known.get(label.value) : node;
      if (label.kind === Kind.STRING) known.set(label.value, node);
      if (before === undefined) return;
      const mistake =
        label.kind === Kind.STRING
          ? `The label "${label.value}" of @defer is used more than once.`
          : 'The label of @defer must be a string, not a variable.';
      context.reportError(new GraphQLError(mistake, { nodes: [before, node] }));
    },
  };
}

/** A label comes back with each payload of its part, which lists multiply. */
function labelsAreShort(context: ValidationContext): ASTVisitor {
  return {
    Directive(node) {
      const label = node.arguments?.find((each) => each.name.value === 'label')?.value;
      if (node.name.value !== 'defer' || label?.kind !== Kind.STRING) return;
      if (label.value.length <= MAX_LABEL_LENGTH) return;
      const mistake = `The label of @defer may have at most ${MAX_LABEL_LENGTH} characters.`;
      context.reportError(new GraphQLError(mistake, { nodes: [node] }));
    },
  };
}

const MAX_LABEL_LENGTH = 256;

/** The root fields of a mutation run in order. */
function mutationsDeferBelowTheRoot(context: ValidationContext): ASTVisitor {
  const mutation = context.getSchema().getMutationType();
  return {
    Directive(node) {
      if (node.name.value !== 'defer' || !mutation || context.getParentType() !== mutation) return;
      context.reportError(
        new GraphQLError(`@defer cannot be used at the root of a mutation.`, { nodes: [node] }),
      );
    },
  };
}
