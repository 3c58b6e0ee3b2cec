import {
  defaultFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  Kind,
  parse,
} from 'graphql';
import type { Caller } from '#contract/caller.ts';
import { allowsRecord, type Decision, decide } from '#contract/permissions/decide.ts';
import { refusal, type SubgraphContext } from './caller-context.ts';
import { type RecordColumns, recordFacts } from './record-columns.ts';
import { rowsFor } from './rows-for.ts';

/** The types whose records grants are about, by name. */
export type GuardedRecords = Readonly<Record<string, RecordColumns>>;

/**
 * Has each field of these types ask for the caller's right to READ it, on the record at hand, before it is resolved:
 * the gateway has asked already, but no resolver has to rely on that.
 *
 * The fields of a `@key` are for whoever may see some record of the type, and in the answer to a mutation for whoever
 * was let do it: the gateway joins by them.
 * @throws TypeError for a name that is no object type of the schema
 */
export function guardRecords(
  schema: GraphQLSchema,
  subgraph: string,
  records: GuardedRecords,
): void {
  for (const [name, columns] of Object.entries(records)) {
    const type = schema.getType(name);
    if (!isObjectType(type)) throw new TypeError(`${name} is no object type of ${subgraph}`);
    guardType(type, subgraph, columns);
  }
}

function guardType(type: GraphQLObjectType, subgraph: string, columns: RecordColumns): void {
  const fields = Object.values(type.getFields());
  const keys = keysOf(type);
  const rightsOf = rememberRights((caller) =>
    fields.map(({ name }) => {
      const decision = keys.has(name)
        ? rowsFor({ caller, subgraph }, 'READ', { type: type.name })
        : fieldRight(caller, subgraph, type.name, name);
      // Of the records that a resolver has let through, keys tell no more than that there are.
      const isEverywhere = keys.has(name) && decision.outcome !== 'deny';
      return isEverywhere || decision.outcome === 'allow' ? null : decision;
    }),
  );
  fields.forEach((field, index) => {
    const { resolve = defaultFieldResolver, name } = field;
    const isKey = keys.has(name);
    field.resolve = (record: object, args, context: SubgraphContext, info) => {
      const right = rightsOf(context.caller)[index];
      if (right !== null && !(isKey && info.operation.operation === 'mutation')) {
        if (right === undefined || !allowsRecord(right, recordFacts(columns, record))) {
          throw refusal(context, 'READ', { type: type.name, field: name });
        }
      }
      return resolve(record, args, context, info);
    };
  });
}

/** What a caller may do with each field; null for everything. */
type Rights = readonly (Decision | null)[];

/** Permissions do not change within a caller, who is the same object for all requests with the same claims. */
function rememberRights(decideAll: (caller: Caller) => Rights): (caller: Caller) => Rights {
  const known = new WeakMap<Caller, Rights>();
  return (caller) => {
    let rights = known.get(caller);
    if (rights === undefined) {
      rights = decideAll(caller);
      known.set(caller, rights);
    }
    return rights;
  };
}

function fieldRight(caller: Caller, subgraph: string, type: string, field: string): Decision {
  const { permissions, environment } = caller;
  return decide(permissions, { action: 'READ', target: { subgraph, type, field }, environment });
}

/** The fields that a `@key` names at its top. */
function keysOf({ astNode, extensionASTNodes }: GraphQLObjectType): ReadonlySet<string> {
  const directives = [astNode, ...extensionASTNodes].flatMap((node) => node?.directives ?? []);
  const keys = new Set<string>();
  for (const { name, arguments: given = [] } of directives) {
    if (name.value !== 'key' && name.value !== 'federation__key') continue;
    const value = given.find((each) => each.name.value === 'fields')?.value;
    if (value?.kind !== Kind.STRING) continue;
    const [definition] = parse(`{${value.value}}`, { noLocation: true }).definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const selection of definition.selectionSet.selections) {
      if (selection.kind === Kind.FIELD) keys.add(selection.name.value);
    }
  }
  return keys;
}
