import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { RequestError } from './request-error.ts';

export interface OperationLimits {
  /** Characters of a document. */
  readonly maxDocumentLength: number;
  readonly maxTokens: number;
  /** Fields inside fields, fragments included. */
  readonly maxDepth: number;
  /** Fields of an operation once its fragments are spread, however often each is. */
  readonly maxFields: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  /** `__schema` and `__type` at the root of an operation. */
  readonly maxIntrospectionFields: number;
}

/** Brackets of all kinds that a level of depth may bring; braces in strings are counted too. */
const BRACKETS_A_LEVEL = 3;

/** Refuses a document whose brackets alone are deeper than allowed, before anything recurses over it. */
export function checkNesting(source: string, limits: OperationLimits): void {
  const deepest = limits.maxDepth * BRACKETS_A_LEVEL;
  let depth = 0;
  for (let index = 0; index < source.length; index++) {
    const character = source.charCodeAt(index);
    if (character === HASH) {
      const end = source.slice(index).search(/[\n\r]/);
      if (end === -1) return;
      index += end;
    } else if (character === OPEN_BRACE || character === OPEN_BRACKET || character === OPEN_PAREN) {
      depth += 1;
      if (depth > deepest) throw tooLarge('maxDepth', limits);
    } else if (
      character === CLOSE_BRACE ||
      character === CLOSE_BRACKET ||
      character === CLOSE_PAREN
    ) {
      depth = Math.max(0, depth - 1);
    }
  }
}

const HASH = 35;
const [OPEN_PAREN, CLOSE_PAREN] = [40, 41];
const [OPEN_BRACKET, CLOSE_BRACKET] = [91, 93];
const [OPEN_BRACE, CLOSE_BRACE] = [123, 125];

/**
 * Refuses an operation that is larger than allowed once its fragments are spread. Each fragment is measured
 * once, so that measuring costs no more than reading: a few hundred characters can spread to millions of
 * fields, which no planner would survive.
 * @throws RequestError OPERATION_TOO_LARGE
 */
export function checkSize(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: OperationLimits,
): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }
  const sizes = new Map<string, Size>();
  const sizeOfFragment = (name: string): Size => {
    let size = sizes.get(name);
    if (size === undefined) {
      size = sizeOf(fragments.get(name)?.selectionSet, sizeOfFragment);
      sizes.set(name, size);
    }
    return size;
  };
  const size = sizeOf(operation.selectionSet, sizeOfFragment);
  if (size.depth > limits.maxDepth) throw tooLarge('maxDepth', limits);
  if (size.fields > limits.maxFields) throw tooLarge('maxFields', limits);
  if (size.aliases > limits.maxAliases) throw tooLarge('maxAliases', limits);
  if (size.rootFields > limits.maxRootFields) throw tooLarge('maxRootFields', limits);
  if (size.schemaFields > limits.maxIntrospectionFields) {
    throw tooLarge('maxIntrospectionFields', limits);
  }
}

interface Size {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  /** Fields of this level alone, fragments spread. */
  readonly rootFields: number;
  readonly schemaFields: number;
}

const nothing: Size = { depth: 0, fields: 0, aliases: 0, rootFields: 0, schemaFields: 0 };

function sizeOf(selections: SelectionSetNode | undefined, fragment: (name: string) => Size): Size {
  return (selections?.selections ?? [])
    .map((each) => sizeOfSelection(each, fragment))
    .reduce(sum, nothing);
}

function sizeOfSelection(selection: SelectionNode, fragment: (name: string) => Size): Size {
  if (selection.kind === Kind.FRAGMENT_SPREAD) return fragment(selection.name.value);
  const inner = sizeOf(selection.selectionSet, fragment);
  if (selection.kind === Kind.INLINE_FRAGMENT) return inner;
  const name = selection.name.value;
  return {
    depth: inner.depth + 1,
    fields: inner.fields + 1,
    aliases: inner.aliases + (selection.alias === undefined ? 0 : 1),
    rootFields: 1,
    schemaFields: inner.schemaFields + (name === '__schema' || name === '__type' ? 1 : 0),
  };
}

function sum(a: Size, b: Size): Size {
  return {
    depth: Math.max(a.depth, b.depth),
    fields: a.fields + b.fields,
    aliases: a.aliases + b.aliases,
    rootFields: a.rootFields + b.rootFields,
    schemaFields: a.schemaFields + b.schemaFields,
  };
}

export function tooLarge(limit: keyof OperationLimits, limits: OperationLimits): RequestError {
  return new RequestError(
    'OPERATION_TOO_LARGE',
    `The operation is larger than this gateway allows (${limit}: ${limits[limit]})`,
  );
}
