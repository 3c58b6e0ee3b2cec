import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { RequestError } from './request-error.ts';

export interface OperationLimits {
  /** Characters of a document. */
  readonly maxDocumentLength: number;
  readonly maxTokens: number;
  /** Fields inside fields, fragments included. */
  readonly maxDepth: number;
}

/** Refuses a document whose braces alone are deeper than allowed, before anything recurses over it. */
export function checkNesting(source: string, limits: OperationLimits): void {
  let depth = 0;
  for (let index = 0; index < source.length; index++) {
    const character = source.charCodeAt(index);
    // Braces inside strings are counted too; the limit leaves room for them.
    if (character === 123 || character === 91 || character === 40) {
      depth += 1;
      if (depth > limits.maxDepth * 4) throw tooDeep(limits);
    } else if (character === 125 || character === 93 || character === 41) depth -= 1;
  }
}

/** Refuses an operation that is deeper than allowed once its fragments are spread. @throws RequestError */
export function checkDepth(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: OperationLimits,
): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const depthOfFragment = new Map<string, number>();
  const depthOf = (selectionSet: SelectionSetNode | undefined, above: number): number => {
    if (above > limits.maxDepth) throw tooDeep(limits);
    let deepest = 0;
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        deepest = Math.max(deepest, 1 + depthOf(selection.selectionSet, above + 1));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        deepest = Math.max(deepest, depthOf(selection.selectionSet, above));
      } else {
        const name = selection.name.value;
        let depth = depthOfFragment.get(name);
        if (depth === undefined) {
          depth = depthOf(fragments.get(name)?.selectionSet, 0);
          depthOfFragment.set(name, depth);
        }
        deepest = Math.max(deepest, depth);
      }
    }
    return deepest;
  };
  if (depthOf(operation.selectionSet, 0) > limits.maxDepth) throw tooDeep(limits);
}

function tooDeep(limits: OperationLimits): RequestError {
  return new RequestError(
    'OPERATION_TOO_LARGE',
    `The operation is nested deeper than ${limits.maxDepth} levels`,
  );
}
