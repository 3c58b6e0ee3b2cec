import { buildSubgraphSchema, type GraphQLResolverMap } from '@apollo/subgraph';
import {
  type DocumentNode,
  execute,
  type FormattedExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { CodedError, type ErrorCode, errors as registry } from '#contract/errors.ts';
import type { RequestContext } from '../hooks.ts';
import type { Inspect } from '../operation/inspect-operation.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';

/** What the resolvers of a plugin's subgraph find as their context. */
export interface PluginSubgraphContext
  extends Pick<RequestContext, 'caller' | 'request' | 'reply'> {
  /** The request as hooks know it. */
  readonly context: RequestContext;
  /** The supergraph that this request began with. */
  readonly supergraph: Supergraph;
  /** Reads an operation as the gateway would, and runs nothing. */
  readonly inspect: Inspect;
}

/** Resolvers by type and field, as @apollo/subgraph takes them. */
export type PluginResolvers = GraphQLResolverMap<PluginSubgraphContext>;

/**
 * A subgraph that a plugin answers inside the gateway: its resolvers are given the caller as they are, without
 * HTTP and without claims. It is listed in supergraph.yaml under the same name, with a `routing_url` whose host
 * ends in `.invalid` (RFC 6761 §6.4: it is never there). While the plugin is off, nothing of it can be seen.
 */
export interface PluginSubgraph {
  readonly name: string;
  /** Federation SDL: the text of the file that supergraph.yaml names. It has no subscriptions. */
  readonly typeDefs: string;
  readonly resolvers: PluginResolvers;
  /**
   * Names of fields of its Query that change something: an operation with one of them cannot be sent with GET, and
   * the call is neither shared, retried nor given up when its client leaves.
   */
  readonly sideEffects?: readonly string[];
}

/** One that is ready to be asked. */
export interface ExecutableSubgraph {
  readonly name: string;
  /** Coordinates of those of its query fields that change something. */
  readonly sideEffects: ReadonlySet<string>;
  /** Whether a document asks for nothing that changes something. */
  isRepeatable(document: string): boolean;
  execute(
    document: string,
    variables: Readonly<Record<string, unknown>>,
    context: PluginSubgraphContext,
  ): Promise<FormattedExecutionResult>;
}

/** How many documents are kept parsed. */
const MAX_DOCUMENTS = 256;

interface KnownDocument {
  readonly document: DocumentNode;
  readonly mistakes: readonly GraphQLError[];
  readonly isRepeatable: boolean;
}

/** @throws CodedError CONFIGURATION_INVALID for a schema that cannot be served */
export function compilePluginSubgraph(subgraph: PluginSubgraph): ExecutableSubgraph {
  const { name, sideEffects = [] } = subgraph;
  const schema = buildSchema(subgraph);
  const queries = schema.getQueryType()?.getFields() ?? {};
  const unknown = sideEffects.find((field) => !Object.hasOwn(queries, field));
  if (unknown !== undefined) {
    throw invalid(name, `sideEffects names "${unknown}", which is no field of its Query`);
  }
  const changing = new Set(sideEffects);
  const documents = new LRUCache<string, KnownDocument>({ max: MAX_DOCUMENTS });
  const read = (text: string): KnownDocument => {
    let known = documents.get(text);
    if (known === undefined) {
      const document = parse(text, { noLocation: true });
      const isRepeatable = !asksForAny(document, changing);
      known = { document, mistakes: validate(schema, document), isRepeatable };
      documents.set(text, known);
    }
    return known;
  };
  return Object.freeze({
    name,
    sideEffects: new Set(sideEffects.map((field) => `Query.${field}`)),
    isRepeatable: (text: string) => read(text).isRepeatable,
    async execute(
      text: string,
      variables: Readonly<Record<string, unknown>>,
      context: PluginSubgraphContext,
    ) {
      const { document, mistakes } = read(text);
      if (mistakes.length > 0) return { errors: mistakes.map((each) => formatted(each, context)) };
      const { data, errors } = await execute({
        schema,
        document,
        variableValues: variables,
        contextValue: context,
      });
      return {
        ...(data !== undefined && { data }),
        ...(errors !== undefined && { errors: errors.map((each) => formatted(each, context)) }),
      };
    },
  });
}

function buildSchema({ name, typeDefs, resolvers }: PluginSubgraph): GraphQLSchema {
  let schema: GraphQLSchema;
  try {
    schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs, { noLocation: true }), resolvers }]);
  } catch (error) {
    throw invalid(name, error instanceof Error ? error.message : String(error), error);
  }
  if (isObjectType(schema.getSubscriptionType())) {
    throw invalid(name, 'has subscriptions, which no plugin can answer');
  }
  return schema;
}

function asksForAny({ definitions }: DocumentNode, fields: ReadonlySet<string>): boolean {
  if (fields.size === 0) return false;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of definitions) {
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  }
  const isAsked = ({ selections }: SelectionSetNode): boolean =>
    selections.some((each) => {
      if (each.kind === Kind.FIELD) return fields.has(each.name.value);
      const inner = each.kind === Kind.INLINE_FRAGMENT ? each : fragments.get(each.name.value);
      return inner !== undefined && isAsked(inner.selectionSet);
    });
  return definitions.some(
    (each) => each.kind === Kind.OPERATION_DEFINITION && isAsked(each.selectionSet),
  );
}

/** An error as a client may see it: what was meant for them keeps its message and code, anything else is logged. */
function formatted(error: GraphQLError, { request }: PluginSubgraphContext): GraphQLFormattedError {
  const { originalError } = error;
  if (originalError instanceof CodedError) {
    if (originalError.statusCode >= 500) request.log.warn({ err: originalError.cause }, 'failed');
    return error.toJSON();
  }
  if (originalError === undefined) {
    const code: ErrorCode = 'BAD_USER_INPUT';
    return { ...error.toJSON(), extensions: { code, ...error.extensions } };
  }
  request.log.error({ err: originalError }, 'a resolver of a plugin failed');
  const { message: _, extensions: __, ...place } = error.toJSON();
  const code: ErrorCode = 'INTERNAL_SERVER_ERROR';
  return { message: registry[code].message, ...place, extensions: { code } };
}

function invalid(name: string, reason: string, cause?: unknown): CodedError {
  return new CodedError('CONFIGURATION_INVALID', `The subgraph "${name}" of a plugin: ${reason}`, {
    cause,
  });
}
