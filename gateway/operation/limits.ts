import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
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
  /** `@defer`s of an operation once its fragments are spread. */
  readonly maxDeferred: number;
  /** What a `@defer` inside lists multiplies to; beyond it the answer has fewer and larger parts. */
  readonly maxDeferredPayloads: number;
}

/** Brackets of all kinds that a level of depth may bring; braces in strings are counted too. */
const BRACKETS_A_LEVEL = 3;

/** Refuses a document whose brackets alone are deeper than allowed, before anything recurses over it. */
export function checkNesting(source: string, limits: OperationLimits): void {
  const deepest = deepestNesting(limits);
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

function deepestNesting({ maxDepth }: OperationLimits): number {
  return maxDepth * BRACKETS_A_LEVEL;
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
  const deepest = deepestNesting(limits);
  let level = 0;
  const sizeOfFragment = (name: string): Size => {
    let size = sizes.get(name);
    if (size === undefined) {
      // Fragments in fragments add up to a depth that no bracket shows, and all that follows recurses over it.
      level += 1;
      if (level > deepest) throw tooLarge('maxDepth', limits);
      const inner = sizeOf(fragments.get(name)?.selectionSet, sizeOfFragment);
      level -= 1;
      size = { ...inner, nesting: inner.nesting + 1 };
      if (size.nesting > deepest) throw tooLarge('maxDepth', limits);
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
  if (size.deferred > limits.maxDeferred) throw tooLarge('maxDeferred', limits);
}

interface Size {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  /** Fields of this level alone, fragments spread. */
  readonly rootFields: number;
  readonly schemaFields: number;
  readonly deferred: number;
  /** Named fragments inside named fragments. */
  readonly nesting: number;
}

const nothing: Size = {
  depth: 0,
  fields: 0,
  aliases: 0,
  rootFields: 0,
  schemaFields: 0,
  deferred: 0,
  nesting: 0,
};

function sizeOf(selections: SelectionSetNode | undefined, fragment: (name: string) => Size): Size {
  return (selections?.selections ?? [])
    .map((each) => sizeOfSelection(each, fragment))
    .reduce(sum, nothing);
}

function sizeOfSelection(selection: SelectionNode, fragment: (name: string) => Size): Size {
  if (selection.kind === Kind.FRAGMENT_SPREAD) {
    return withDefer(selection, fragment(selection.name.value));
  }
  const inner = sizeOf(selection.selectionSet, fragment);
  if (selection.kind === Kind.INLINE_FRAGMENT) return withDefer(selection, inner);
  const name = selection.name.value;
  return {
    depth: inner.depth + 1,
    fields: inner.fields + 1,
    aliases: inner.aliases + (selection.alias === undefined ? 0 : 1),
    rootFields: 1,
    schemaFields: inner.schemaFields + (name === '__schema' || name === '__type' ? 1 : 0),
    deferred: inner.deferred,
    nesting: inner.nesting,
  };
}

function withDefer({ directives }: FragmentSpreadNode | InlineFragmentNode, size: Size): Size {
  const defers = directives?.some((each) => each.name.value === 'defer') ?? false;
  return defers ? { ...size, deferred: size.deferred + 1 } : size;
}

function sum(a: Size, b: Size): Size {
  return {
    depth: Math.max(a.depth, b.depth),
    fields: a.fields + b.fields,
    aliases: a.aliases + b.aliases,
    rootFields: a.rootFields + b.rootFields,
    schemaFields: a.schemaFields + b.schemaFields,
    deferred: a.deferred + b.deferred,
    nesting: Math.max(a.nesting, b.nesting),
  };
}

export function tooLarge(limit: keyof OperationLimits, limits: OperationLimits): RequestError {
  return new RequestError(
    'OPERATION_TOO_LARGE',
    `The operation is larger than this gateway allows (${limit}: ${limits[limit]})`,
  );
}
