import type { ASTNode, DocumentNode } from 'graphql';

/**
 * The schema coordinate of the definition that stands at `offset`: `Type`, `Type.field`,
 * `Type.field(argument:)` or `@directive`; undefined where there is none.
 *
 * @see https://spec.graphql.org/draft/#sec-Schema-Coordinates
 */
export function coordinateAt(document: DocumentNode, offset: number): string | undefined {
  const around = (node: ASTNode): boolean =>
    node.loc !== undefined && node.loc.start <= offset && offset < node.loc.end;
  const definition = document.definitions.find(around);
  if (definition === undefined || !('name' in definition) || definition.name === undefined) {
    return undefined;
  }
  const name = definition.name.value;
  if (definition.kind === 'DirectiveDefinition') return `@${name}`;
  if ('values' in definition) {
    const value = definition.values?.find(around);
    return value === undefined ? name : `${name}.${value.name.value}`;
  }
  if (!('fields' in definition)) return name;
  const fields: readonly FieldLike[] = definition.fields ?? [];
  const field = fields.find(around);
  if (field === undefined) return name;
  const argument = field.arguments?.find(around);
  const coordinate = `${name}.${field.name.value}`;
  return argument === undefined ? coordinate : `${coordinate}(${argument.name.value}:)`;
}

/** A field of an object, an interface or an input object. */
type FieldLike = ASTNode & {
  readonly name: { readonly value: string };
  readonly arguments?: readonly (ASTNode & { readonly name: { readonly value: string } })[];
};
