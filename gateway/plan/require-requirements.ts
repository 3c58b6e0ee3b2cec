import {
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
} from 'graphql';
import { CodedError } from '#contract/errors.ts';
import { keyOf } from '../operation/pick-root-fields.ts';
import { fetchesOf } from './fetches-of.ts';
import type { EntityBatch, Fetch, Plan, RequiredSelection } from './plan.ts';
import type { PlannedGraph } from './require-coverage.ts';

/**
 * Refuses a plan that asks a subgraph for a field and does not send what that one requires for it (`@requires`), or for
 * a field that it only requires of others. It would compute the one from nothing, or from what another field
 * requires, and know nothing of the other; and nobody would learn of it.
 * @throws CodedError OPERATION_UNPLANNABLE naming the field
 */
export function requireRequirements(plan: Plan | null, graph: PlannedGraph): void {
  for (const fetch of fetchesOf(plan)) {
    const field = fieldWithoutRequirements(fetch, graph);
    if (field === null) continue;
    throw new CodedError(
      'OPERATION_UNPLANNABLE',
      `The planner of this gateway makes no plan in which "${field}" is sent what it requires`,
    );
  }
}

/** The first field, as `Type.field`, that a call asks for without all that it requires. */
function fieldWithoutRequirements(fetch: Fetch, { types, members }: PlannedGraph): string | null {
  const isBorrowed = (type: string | null, { name }: FieldNode): boolean =>
    type !== null && members.isBorrowedIn(fetch.subgraph, type, name.value);
  const requirementOf = (type: string | null, { name }: FieldNode): string | null =>
    type && members.requirementIn(fetch.subgraph, type, name.value);

  /** What stands anywhere but in an entity was sent nothing at all. */
  const look = (set: SelectionSetNode, type: string | null): string | null => {
    for (const { field, of } of fieldsOf(set, type)) {
      if (isBorrowed(of, field) || requirementOf(of, field) !== null) {
        return `${of}.${field.name.value}`;
      }
      const inner = field.selectionSet && look(field.selectionSet, typeOf(of, field));
      if (inner) return inner;
    }
    return null;
  };

  const lookAtEntities = (set: SelectionSetNode, batch: EntityBatch): string | null => {
    const sent = new Set(batch.requires.flatMap(sentFields));
    // By what is required and where: how it is asked for.
    const asked = new Map<string, string>();
    for (const { field, of } of fieldsOf(set, null)) {
      if (isBorrowed(of, field)) return `${of}.${field.name.value}`;
      const requirement = requirementOf(of, field);
      if (requirement !== null) {
        const required = selectionOf(requirement);
        const isSent = fieldsOf(required, of).every((each) => sent.has(each.field.name.value));
        if (!isSent || contradicts(required, of ?? '', asked)) return `${of}.${field.name.value}`;
      }
      const inner = field.selectionSet && look(field.selectionSet, typeOf(of, field));
      if (inner) return inner;
    }
    return null;
  };

  const typeOf = (type: string | null, { name }: FieldNode): string | null =>
    type &&
    (members.ownTypeIn(fetch.subgraph, type, name.value) ?? types.typeOfField(type, name.value));

  const [operation] = parse(fetch.document, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return null;
  if (fetch.batches.length === 0)
    return look(operation.selectionSet, types.rootType(fetch.operation));
  for (const { field } of fieldsOf(operation.selectionSet, null)) {
    const batch = fetch.batches.find(({ key }) => key === keyOf(field));
    const found = batch && field.selectionSet ? lookAtEntities(field.selectionSet, batch) : null;
    if (found !== null) return found;
  }
  return null;
}

/** Whether something is required here with other arguments than before; of equal names one value alone can be sent. */
function contradicts(set: SelectionSetNode, path: string, asked: Map<string, string>): boolean {
  return fieldsOf(set, null).some(({ field, of }) => {
    const at = `${path}/${of ?? ''}/${field.name.value}`;
    const how = (field.arguments ?? []).map(print).sort().join();
    const before = asked.get(at) ?? how;
    asked.set(at, before);
    return before !== how || (field.selectionSet && contradicts(field.selectionSet, at, asked));
  });
}

/** Names of the fields that a representation holds. */
function sentFields(required: RequiredSelection): readonly string[] {
  return required.kind === 'field' ? [required.as] : required.selections.flatMap(sentFields);
}

/** The fields of a selection and of the fragments in it, each with the type that it is asked of. */
function fieldsOf(
  { selections }: SelectionSetNode,
  type: string | null,
): { readonly field: FieldNode; readonly of: string | null }[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [{ field: selection, of: type }];
    // Plans spread no fragments.
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    return fieldsOf(selection.selectionSet, selection.typeCondition?.name.value ?? type);
  });
}

function selectionOf(fields: string): SelectionSetNode {
  const { definitions } = parse(`{ ${fields} }`, { noLocation: true });
  return (definitions[0] as OperationDefinitionNode).selectionSet;
}
