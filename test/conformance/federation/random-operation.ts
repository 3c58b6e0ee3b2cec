import fc from 'fast-check';
import {
  type ArgumentNode,
  type ConstValueNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isUnionType,
  Kind,
  type NameNode,
  OperationTypeNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';

/** A valid operation that nobody thought of. */
export interface RandomOperation {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface RandomOperationOptions {
  /** Ids that lead somewhere in the graph. */
  readonly ids: readonly string[];
  readonly maxDepth: number;
  readonly maxFields: number;
}

/** Whole numbers from 0 up to, not including, `below`. */
type Choose = (below: number) => number;

/**
 * Random queries over a schema: fields, arguments as literals and variables, fragments of both kinds,
 * `@skip` and `@include`. Either every field has an alias of its own (f1, f2, …) or none has one.
 */
export function randomOperation(
  schema: GraphQLSchema,
  options: RandomOperationOptions,
): fc.Arbitrary<RandomOperation> {
  return fc.gen().map((g) => {
    const choose: Choose = (below) => g(fc.nat, { max: below - 1 });
    return new Writer(schema, options, choose).write();
  });
}

class Writer {
  readonly #schema: GraphQLSchema;
  readonly #options: RandomOperationOptions;
  readonly #choose: Choose;
  readonly #isAliased: boolean;
  readonly #variables = new Map<string, { definition: VariableDefinitionNode; value: unknown }>();
  readonly #fragments: FragmentDefinitionNode[] = [];
  #fields = 0;

  constructor(schema: GraphQLSchema, options: RandomOperationOptions, choose: Choose) {
    this.#schema = schema;
    this.#options = options;
    this.#choose = choose;
    this.#isAliased = choose(2) === 0;
  }

  write(): RandomOperation {
    const query = this.#schema.getQueryType();
    if (!query) throw new TypeError('the graph has no query type');
    const selectionSet = this.#selections(query, this.#options.maxDepth);
    const variables = [...this.#variables.values()];
    const operation: RandomOperation = {
      document: {
        kind: Kind.DOCUMENT,
        definitions: [
          {
            kind: Kind.OPERATION_DEFINITION,
            operation: OperationTypeNode.QUERY,
            name: nameOf('Q'),
            variableDefinitions: variables.map(({ definition }) => definition),
            selectionSet,
          },
          ...this.#fragments,
        ],
      },
      variables: Object.fromEntries(
        variables.map(({ definition, value }) => [definition.variable.name.value, value]),
      ),
    };
    // What a failure prints.
    return Object.assign(operation, {
      [fc.toStringMethod]: () =>
        `${print(operation.document)}\n${JSON.stringify(operation.variables)}`,
    });
  }

  get #isFull(): boolean {
    return this.#fields >= this.#options.maxFields;
  }

  #selections(type: GraphQLCompositeType, depth: number): SelectionSetNode {
    const selections: SelectionNode[] = [];
    const count = this.#isFull ? 1 : 1 + this.#choose(4);
    for (let index = 0; index < count; index++) selections.push(this.#selection(type, depth));
    return { kind: Kind.SELECTION_SET, selections };
  }

  #selection(type: GraphQLCompositeType, depth: number): SelectionNode {
    const dice = this.#choose(12);
    if (depth > 0 && !this.#isFull && dice < 2) return this.#inlineFragment(type, depth);
    if (depth > 0 && !this.#isFull && dice === 2) return this.#spread(type, depth);
    return this.#field(type, depth);
  }

  #field(type: GraphQLCompositeType, depth: number): FieldNode {
    this.#fields++;
    const isLast = depth === 0 || this.#isFull;
    const fields = isUnionType(type)
      ? []
      : Object.values(type.getFields()).filter(
          (field) => !isLast || !isCompositeType(getNamedType(field.type)),
        );
    const field = fields[this.#choose(fields.length + 1)];
    const directives = this.#directives();
    const alias = this.#isAliased ? { alias: nameOf(`f${this.#fields}`) } : {};
    if (field === undefined) {
      return { kind: Kind.FIELD, ...alias, name: nameOf('__typename'), directives };
    }
    const inner = getNamedType(field.type);
    return {
      kind: Kind.FIELD,
      ...alias,
      name: nameOf(field.name),
      arguments: this.#arguments(field),
      directives,
      ...(isCompositeType(inner) && { selectionSet: this.#selections(inner, depth - 1) }),
    };
  }

  #inlineFragment(type: GraphQLCompositeType, depth: number): SelectionNode {
    const inner = this.#narrowed(type);
    return {
      kind: Kind.INLINE_FRAGMENT,
      ...((inner !== type || this.#choose(2) === 0) && { typeCondition: namedType(inner) }),
      directives: this.#directives(),
      selectionSet: this.#selections(inner, depth - 1),
    };
  }

  #spread(type: GraphQLCompositeType, depth: number): SelectionNode {
    const inner = this.#narrowed(type);
    // One that is being written is not among them yet, so no fragment can spread itself.
    let fragment = this.#fragments.find((each) => each.typeCondition.name.value === inner.name);
    if (fragment === undefined) {
      const selectionSet = this.#selections(inner, depth - 1);
      fragment = {
        kind: Kind.FRAGMENT_DEFINITION,
        name: nameOf(`F${this.#fragments.length}`),
        typeCondition: namedType(inner),
        selectionSet,
      };
      this.#fragments.push(fragment);
    }
    return { kind: Kind.FRAGMENT_SPREAD, name: fragment.name, directives: this.#directives() };
  }

  /** A type that some objects of `type` have as well. */
  #narrowed(type: GraphQLCompositeType): GraphQLCompositeType {
    const candidates = Object.values(this.#schema.getTypeMap()).filter(
      (each): each is GraphQLCompositeType =>
        isCompositeType(each) && !each.name.startsWith('__') && this.#overlaps(type, each),
    );
    return candidates[this.#choose(candidates.length)] ?? type;
  }

  #overlaps(one: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
    const objects = (type: GraphQLCompositeType) =>
      isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
    return objects(one).some((object) => objects(other).includes(object));
  }

  #directives(): DirectiveNode[] {
    const dice = this.#choose(10);
    if (dice > 1) return [];
    return [
      {
        kind: Kind.DIRECTIVE,
        name: nameOf(dice === 0 ? 'skip' : 'include'),
        arguments: [
          {
            kind: Kind.ARGUMENT,
            name: nameOf('if'),
            value:
              this.#choose(5) === 0
                ? { kind: Kind.BOOLEAN, value: this.#choose(2) === 0 }
                : { kind: Kind.VARIABLE, name: nameOf(this.#condition()) },
          },
        ],
      },
    ];
  }

  #condition(): string {
    const name = `c${this.#choose(3)}`;
    if (!this.#variables.has(name)) {
      this.#declare(
        name,
        { kind: Kind.NAMED_TYPE, name: nameOf('Boolean') },
        this.#choose(2) === 0,
      );
    }
    return name;
  }

  #declare(name: string, type: ReturnType<typeof namedType>, value: unknown): void {
    this.#variables.set(name, {
      definition: {
        kind: Kind.VARIABLE_DEFINITION,
        variable: { kind: Kind.VARIABLE, name: nameOf(name) },
        type: { kind: Kind.NON_NULL_TYPE, type },
      },
      value,
    });
  }

  #arguments(field: GraphQLField<unknown, unknown>): readonly ArgumentNode[] {
    return field.args
      .filter((argument) => isNonNullType(argument.type) || this.#choose(2) === 0)
      .map((argument) => ({
        kind: Kind.ARGUMENT,
        name: nameOf(argument.name),
        value: this.#value(argument),
      }));
  }

  #value({ type }: GraphQLArgument): ValueNode {
    const nullable = isNonNullType(type) ? type.ofType : type;
    const literal = this.#literal(nullable);
    if (isListType(nullable) || this.#choose(2) === 0) return literal;
    const name = `v${this.#variables.size}`;
    this.#declare(name, namedType(getNamedType(nullable)), jsonOf(literal));
    return { kind: Kind.VARIABLE, name: nameOf(name) };
  }

  #literal(type: GraphQLInputType): ConstValueNode {
    if (isNonNullType(type)) return this.#literal(type.ofType);
    if (isListType(type)) {
      const values = Array.from({ length: this.#choose(3) }, () => this.#literal(type.ofType));
      return { kind: Kind.LIST, values };
    }
    if (isEnumType(type)) {
      const values = type.getValues();
      return { kind: Kind.ENUM, value: values[this.#choose(values.length)]?.name ?? '' };
    }
    const { ids } = this.#options;
    switch (getNamedType(type).name) {
      case 'Boolean':
        return { kind: Kind.BOOLEAN, value: this.#choose(2) === 0 };
      case 'Int':
      case 'Float':
        return { kind: Kind.INT, value: String(this.#choose(6)) };
      default:
        return { kind: Kind.STRING, value: ids[this.#choose(ids.length)] ?? '' };
    }
  }
}

function jsonOf(literal: ConstValueNode): unknown {
  if (literal.kind === Kind.INT) return Number(literal.value);
  return 'value' in literal ? literal.value : null;
}

function nameOf(value: string): NameNode {
  return { kind: Kind.NAME, value };
}

function namedType(type: { readonly name: string }) {
  return { kind: Kind.NAMED_TYPE, name: nameOf(type.name) } as const;
}
