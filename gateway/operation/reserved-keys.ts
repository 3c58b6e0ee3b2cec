import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/** Refuses the response key `__proto__`, which in JavaScript is no key but the way to an object's prototype. */
export function noReservedKeys(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      if (node.alias?.value === '__proto__') {
        context.reportError(
          new GraphQLError('The alias "__proto__" cannot be used.', { nodes: [node] }),
        );
      }
    },
  };
}
