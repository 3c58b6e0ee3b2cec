import { type DocumentNode, Kind, visit } from 'graphql';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';

const PREFIX = 'castellan_';
const planVariables = new Set(['representations']);

/**
 * The document with private names where a client's alias could be taken for a field.
 *
 * Planners put what the client aliased and what they add themselves (keys, required fields, `__typename`)
 * into one namespace. `{ product { id: name price } }` would have the price fetched for a product whose id
 * is its name: a wrong answer at best, somebody else's data at worst. So an alias that is the name of any
 * field gets another key on its way to the planner and the subgraphs; `toClientName` is the way back. The
 * same goes for variables whose names planners use for their own.
 */
export function withPrivateNames(
  document: DocumentNode,
  { fieldNames, requiredWithArguments }: SupergraphTypes,
): DocumentNode {
  return visit(document, {
    Field: {
      enter({ alias, ...node }) {
        const name = node.name.value;
        const key = alias?.value ?? name;
        const isAmbiguous =
          (key !== name && (key.startsWith('_') || fieldNames.has(key))) ||
          // Or it conflicts with what is required, and planners mix up whose value is whose.
          requiredWithArguments.has(name);
        // A key that looks private already becomes private too, so that the way back is never in doubt.
        if (isAmbiguous || key.startsWith(PREFIX)) {
          return { ...node, alias: { kind: Kind.NAME, value: PREFIX + key } };
        }
        // An alias that is the field's own name is none, but planners take it for one.
        return alias !== undefined && key === name ? node : undefined;
      },
    },
    Variable: {
      leave({ kind, name }) {
        const isAmbiguous =
          planVariables.has(name.value) || /^(?:_|contextualArgument)/.test(name.value);
        if (!isAmbiguous && !name.value.startsWith(PREFIX)) return undefined;
        return { kind, name: { kind: Kind.NAME, value: PREFIX + name.value } };
      },
    },
  });
}

/** The name that the client chose, of a response key or variable inside the gateway. */
export function toClientName(key: string): string {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key;
}
