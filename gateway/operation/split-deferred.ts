import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { PathSegment } from '../plan/plan.ts';
import { rootKeys } from './pick-root-fields.ts';
import { introspectionOf } from './plan-operation.ts';
import type { Operation } from './resolve-conditions.ts';

/** An operation whose answer comes in parts. */
export interface DeferredOperation {
  /** The whole of it, every `@defer` labelled with the id of its part. */
  readonly operation: Operation;
  /** What is answered at once. */
  readonly initial: SelectionSetNode;
  /** Those that follow the initial part; others may follow each of them. */
  readonly parts: readonly DeferredSelection[];
}

export interface DeferredSelection {
  readonly id: string;
  /** The client's name for it. */
  readonly label: string | null;
  /** From the root to the objects that it completes; lists are not named. */
  readonly path: readonly PathSegment[];
  readonly type: GraphQLCompositeType;
  readonly selections: SelectionSetNode;
  /** The same with what the parts within it select. */
  readonly whole: SelectionSetNode;
  readonly parts: readonly DeferredSelection[];
}

/**
 * Whether an operation that defers may be answered in parts. The root fields of a mutation are complete one
 * after the other, and introspection is not planned: with either, the answer comes in one piece.
 */
export function canComeInParts({ definition, fragments }: Operation): boolean {
  if (definition.operation === 'subscription') return false;
  if (definition.operation === 'mutation' && rootKeys(definition, fragments).length > 1)
    return false;
  return introspectionOf(definition, fragments) === null;
}

export function hasDefer(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive(node) {
      if (node.name.value === 'defer') found = true;
    },
  });
  return found;
}

/** Splits an operation, its conditions resolved, at its `@defer`s; null when none is left. */
export function splitDeferred(
  schema: GraphQLSchema,
  { definition, fragments }: Operation,
): DeferredOperation | null {
  const rootType = schema.getRootType(definition.operation);
  if (!rootType) throw new TypeError(`the ${definition.operation} was not checked`);
  const selectionSet = inlineDeferred(definition.selectionSet, fragments);
  const splitter = new Splitter(schema);
  const parts: DeferredSelection[] = [];
  const initial = splitter.split(selectionSet, { type: rootType, path: [], parts });
  if (parts.length === 0) return null;
  return {
    operation: {
      definition: { ...definition, selectionSet: splitter.labelled(selectionSet) },
      fragments,
    },
    initial,
    parts,
  };
}

interface Level {
  readonly type: GraphQLCompositeType;
  readonly path: readonly PathSegment[];
  /** Where the parts that are found go. */
  readonly parts: DeferredSelection[];
}

class Splitter {
  readonly #schema: GraphQLSchema;
  readonly #ids: Map<DirectiveNode, string> = new Map();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** What of a selection set is not deferred. */
  split(selectionSet: SelectionSetNode, level: Level): SelectionSetNode {
    const selections = selectionSet.selections.flatMap(
      (selection) => this.#splitSelection(selection, level) ?? [],
    );
    return { ...selectionSet, selections };
  }

  /** The same selection set with the ids of the parts as labels. */
  labelled(selectionSet: SelectionSetNode): SelectionSetNode {
    return visit(selectionSet, {
      Directive: (node) => {
        const id = this.#ids.get(node);
        if (id === undefined) return undefined;
        const value = { kind: Kind.STRING, value: id } as const;
        const name = { kind: Kind.NAME, value: 'label' } as const;
        return { ...node, arguments: [{ kind: Kind.ARGUMENT, name, value }] };
      },
    });
  }

  #splitSelection(selection: SelectionNode, level: Level): SelectionNode | null {
    // What defers stands in the operation itself.
    if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined) {
      return selection;
    }
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      const type = this.#typeOfField(level.type, selection.name.value);
      const path = [...level.path, { kind: 'key' as const, key }];
      const selectionSet = this.split(selection.selectionSet, { ...level, type, path });
      return { ...selection, selectionSet };
    }
    const inner = this.#narrow(level, selection.typeCondition?.name.value);
    const directive = selection.directives?.find((each) => each.name.value === 'defer');
    if (directive === undefined) {
      return { ...selection, selectionSet: this.split(selection.selectionSet, inner) };
    }
    const id = String(this.#ids.size);
    this.#ids.set(directive, id);
    const parts: DeferredSelection[] = [];
    const { type, path } = inner;
    const selections = this.split(selection.selectionSet, { type, path, parts });
    const whole = withoutDefer(selection.selectionSet);
    level.parts.push({ id, label: labelOf(directive), path, type, selections, whole, parts });
    return null;
  }

  /** Inside a fragment: of an object type is known what it is; of the others only some objects may go on. */
  #narrow(level: Level, condition: string | undefined): Level {
    if (condition === undefined || isObjectType(level.type) || condition === level.type.name) {
      return level;
    }
    const type = this.#schema.getType(condition);
    if (!isCompositeType(type)) throw new TypeError(`${condition} was not validated`);
    return { ...level, type, path: [...level.path, { kind: 'types', types: [condition] }] };
  }

  #typeOfField(parent: GraphQLCompositeType, name: string): GraphQLCompositeType {
    const field = 'getFields' in parent ? parent.getFields()[name] : undefined;
    const type = field && getNamedType(field.type);
    if (!isCompositeType(type)) throw new TypeError(`${parent.name}.${name} was not validated`);
    return type;
  }
}

/** Named fragments that defer, or hold what does, as inline ones: each place is a part of its own. */
function inlineDeferred(
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SelectionSetNode {
  const deferring = new Map<string, boolean>();
  const defers = (selections: SelectionSetNode): boolean =>
    selections.selections.some((selection) => {
      if (selection.directives?.some((each) => each.name.value === 'defer')) return true;
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        return selection.selectionSet !== undefined && defers(selection.selectionSet);
      }
      const name = selection.name.value;
      let known = deferring.get(name);
      if (known === undefined) {
        const fragment = fragments.get(name);
        known = fragment !== undefined && defers(fragment.selectionSet);
        deferring.set(name, known);
      }
      return known;
    });
  const inline = (selections: SelectionSetNode): SelectionSetNode => ({
    ...selections,
    selections: selections.selections.map((selection): SelectionNode => {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        if (selection.selectionSet === undefined) return selection;
        // A node of its own for each place, by which its part is known.
        const directives = selection.directives?.map((each) => ({ ...each })) ?? [];
        return { ...selection, directives, selectionSet: inline(selection.selectionSet) };
      }
      const { directives = [], name } = selection;
      const fragment = fragments.get(name.value);
      const isDeferred = directives.some((each) => each.name.value === 'defer');
      if (fragment === undefined || !(isDeferred || defers(fragment.selectionSet))) {
        return selection;
      }
      return {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: fragment.typeCondition,
        directives: directives.map((each) => ({ ...each })),
        selectionSet: inline(fragment.selectionSet),
      };
    }),
  });
  return inline(selectionSet);
}

function withoutDefer(selectionSet: SelectionSetNode): SelectionSetNode {
  return visit(selectionSet, {
    enter: (node) =>
      node.kind === Kind.DIRECTIVE && node.name.value === 'defer' ? null : undefined,
  });
}

function labelOf(directive: DirectiveNode): string | null {
  const value = directive.arguments?.find((each) => each.name.value === 'label')?.value;
  return value?.kind === Kind.STRING ? value.value : null;
}
