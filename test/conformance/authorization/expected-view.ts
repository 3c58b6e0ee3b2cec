import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { SuiteAnswer } from './suite/ask-endpoint.ts';

/** The alias under which every selection of a checked operation asks for `__typename`. */
export const TYPENAME_ALIAS = 'typename';

export interface CheckedOperation {
  readonly definition: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A field of the text: whether its caller's schema shows it, and everything above it. */
interface Node {
  readonly field: FieldNode;
  /** The type that it is asked of: that of the field around it, or of a fragment. */
  readonly parent: string;
  /** The types that its object has to be of, for all fragments around it. */
  readonly conditions: readonly string[];
  readonly isDenied: boolean;
}

/**
 * Whether an answer fits the schema that its caller introspects: what the schema has is answered as it is to who may
 * see all, and what it has not is null with an error. Answers every contradiction.
 */
export function contradictions(
  whole: GraphQLSchema,
  seen: GraphQLSchema,
  operation: CheckedOperation,
  answer: SuiteAnswer,
  full: unknown,
): string[] {
  const found: string[] = [];
  const told = new Set<string>();
  for (const { path = [], extensions } of answer.errors ?? []) {
    if (extensions?.code !== 'FORBIDDEN')
      found.push(`an error of another kind: ${extensions?.code}`);
    told.add(path.filter((segment) => typeof segment === 'string').join('.'));
  }
  const root = whole.getRootType(operation.definition.operation);
  if (!root) throw new TypeError('there is no such operation');
  const collector = new Collector(whole, seen, operation);
  const top = collector.nodesOf([
    { set: operation.definition.selectionSet, type: root.name, isDenied: false },
  ]);

  const deniable = new Set<string>();
  const collectDenied = (nodes: readonly Node[], above: string): void => {
    for (const node of nodes) {
      const path = join(above, node.field);
      if (node.isDenied) deniable.add(path);
      collectDenied(collector.below([node]), path);
    }
  };
  collectDenied(top, '');
  for (const path of told) if (!deniable.has(path)) found.push(`${path} has an error and is shown`);

  const check = (nodes: readonly Node[], value: unknown, all: unknown, path: string): void => {
    if (Array.isArray(value)) {
      if (!Array.isArray(all) || all.length !== value.length) found.push(`${path} is another list`);
      else for (const [index, each] of value.entries()) check(nodes, each, all[index], path);
      return;
    }
    if (value === null) {
      if (all === null || [...told].some((each) => each.startsWith(`${path}.`))) return;
      if (path === '' && told.size > 0) return;
      found.push(`${path} is null and nobody says why`);
      return;
    }
    if (typeof value !== 'object') {
      if (value !== all) found.push(`${path} is ${value} instead of ${all}`);
      return;
    }
    const object = value as Readonly<Record<string, unknown>>;
    const type = path === '' ? root.name : String(object[TYPENAME_ALIAS]);
    for (const [key, here] of Map.groupBy(collector.on(type, nodes), ({ field }) => keyOf(field))) {
      const at = join(path, here[0]?.field);
      if (here.every(({ isDenied }) => isDenied)) {
        if (object[key] !== null) found.push(`${at} is answered and not shown`);
        if (!told.has(at)) found.push(`${at} has no error and is not shown`);
        continue;
      }
      if (told.has(at) && !deniable.has(at)) found.push(`${at} has an error and is shown`);
      const whole = (all as Readonly<Record<string, unknown>> | null)?.[key];
      check(collector.below(here), object[key], whole, at);
    }
  };
  check(top, answer.data ?? null, full, '');
  return found;
}

interface Selection {
  readonly set: SelectionSetNode;
  readonly type: string;
  readonly isDenied: boolean;
  readonly conditions?: readonly string[];
}

class Collector {
  readonly #whole: GraphQLSchema;
  readonly #seen: GraphQLSchema;
  readonly #operation: CheckedOperation;

  constructor(whole: GraphQLSchema, seen: GraphQLSchema, operation: CheckedOperation) {
    this.#whole = whole;
    this.#seen = seen;
    this.#operation = operation;
  }

  nodesOf(selections: readonly Selection[]): Node[] {
    return selections.flatMap(({ set, type, isDenied, conditions = [] }) =>
      set.selections
        .filter((each) => this.#isIncluded(each))
        .flatMap((each): Node[] => {
          if (each.kind === Kind.FIELD) {
            const isHidden = isDenied || !this.#isSeen(type, each.name.value);
            return [
              { field: each, parent: type, conditions: [type, ...conditions], isDenied: isHidden },
            ];
          }
          const fragment =
            each.kind === Kind.FRAGMENT_SPREAD
              ? this.#operation.fragments.get(each.name.value)
              : each;
          if (fragment === undefined) return [];
          const condition = fragment.typeCondition?.name.value ?? type;
          const inner = { set: fragment.selectionSet, type: condition, isDenied };
          return this.nodesOf([{ ...inner, conditions: [type, ...conditions] }]);
        }),
    );
  }

  /** The fields below fields. */
  below(nodes: readonly Node[]): Node[] {
    return this.nodesOf(
      nodes.flatMap(({ field, parent, isDenied }): Selection[] => {
        const type = this.#whole.getType(parent);
        const has = isObjectType(type) || isInterfaceType(type);
        const definition = has ? type.getFields()[field.name.value] : undefined;
        if (definition === undefined || field.selectionSet === undefined) return [];
        return [{ set: field.selectionSet, type: getNamedType(definition.type).name, isDenied }];
      }),
    );
  }

  /** Those that an object of this type has. */
  on(type: string, nodes: readonly Node[]): Node[] {
    const object = this.#whole.getType(type);
    return nodes.filter(({ conditions }) =>
      conditions.every((each) => each === type || this.#isOf(object, each)),
    );
  }

  #isOf(object: GraphQLNamedType | undefined, parent: string): boolean {
    const abstract = this.#whole.getType(parent);
    return (
      isObjectType(object) && isAbstractType(abstract) && this.#whole.isSubType(abstract, object)
    );
  }

  #isSeen(type: string, field: string): boolean {
    if (field === '__typename') return true;
    const known = this.#seen.getType(type);
    return (isObjectType(known) || isInterfaceType(known)) && field in known.getFields();
  }

  #isIncluded(selection: SelectionNode): boolean {
    const { variables } = this.#operation;
    const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables);
    return skip?.if !== true && include?.if !== false;
  }
}

function keyOf({ alias, name }: FieldNode): string {
  return alias?.value ?? name.value;
}

function join(above: string, field: FieldNode | undefined): string {
  const key = field === undefined ? '' : keyOf(field);
  return above === '' ? key : `${above}.${key}`;
}
