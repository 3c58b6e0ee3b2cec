import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import {
  type InspectedOperation,
  type PluginSubgraph,
  type PluginSubgraphContext,
  type RequestContext,
  RequestError,
} from '#gateway/plugin.ts';
import { type Authorizer, policiesNeeded } from '../authorize.ts';
import { codeFor } from '../errors.ts';
import type { Policies } from '../policies.ts';
import { type AccessExplanation, explainOperation } from './explain-operation.ts';
import { type ExplainedArguments, explainedCaller } from './explained-caller.ts';

/** The name under which supergraph.yaml lists it. */
export const EXPLAIN_SUBGRAPH = 'authorization';

/** How many operations another one may have explained: each may take a plan. */
const MAX_EXPLANATIONS = 10;

export interface ExplainParts {
  readonly authorizer: Authorizer;
  readonly policies: Policies;
  readonly options: { readonly mode: 'filter' | 'reject' | 'hide'; readonly dryRun: boolean };
  readonly app: Pick<FastifyInstance, 'castellan'>;
}

interface ExplainArguments extends ExplainedArguments {
  readonly operation: string;
  readonly operationName?: string | null;
  readonly variables?: unknown;
}

/** The subgraph with `Query.explainAccess`: it reads operations as the gateway does, and asks what enforces. */
export function explainSubgraph(parts: ExplainParts): PluginSubgraph {
  const { authorizer, app } = parts;
  const counts = new WeakMap<RequestContext, number>();
  const count = (context: RequestContext): void => {
    const before = counts.get(context) ?? 0;
    if (before >= MAX_EXPLANATIONS) {
      throw new CodedError(
        'OPERATION_TOO_EXPENSIVE',
        `An operation has at most ${MAX_EXPLANATIONS} others explained`,
      );
    }
    counts.set(context, before + 1);
  };
  return {
    name: EXPLAIN_SUBGRAPH,
    typeDefs: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
    resolvers: {
      Query: {
        async explainAccess(_: unknown, given: ExplainArguments, context) {
          const { caller: asker } = context;
          if (asker.subject === null) throw new CodedError(codeFor(asker));
          count(context.context);
          const about = await explainedCaller(given, asker, app.castellan.identity);
          const asked = await inspect(given, context, authorizer);
          // Names that whoever asks does not see are told of to nobody.
          if (parts.options.mode === 'hide' && !parts.options.dryRun) {
            await authorizer.authorize(asked, context.context);
          }
          return explain(parts, asked, about, context);
        },
      },
    },
  };
}

async function explain(
  { authorizer, policies, options }: ExplainParts,
  asked: InspectedOperation,
  about: PluginSubgraphContext['caller'],
  { caller: asker, context }: PluginSubgraphContext,
): Promise<AccessExplanation> {
  const callerView = authorizer.views.viewFor(about, asked.supergraph.coordinates);
  const needed = policiesNeeded(callerView, asked.points.points);
  // A policy decides about a request, and about nobody else's than this one.
  const isOwn = about === asker;
  const granted = needed === null || !isOwn ? null : await policies.granted(needed, context);
  return explainOperation(authorizer, asked, {
    caller: about,
    granted,
    needed: needed ?? new Set(),
    mode: options.dryRun ? 'DRY_RUN' : modes[options.mode],
  });
}

const modes = { filter: 'FILTER', reject: 'REJECT', hide: 'HIDE' } as const;

/** @throws CodedError what whoever asks would be told if they asked it */
async function inspect(
  { operation, operationName, variables }: ExplainArguments,
  context: PluginSubgraphContext,
  authorizer: Authorizer,
): Promise<InspectedOperation> {
  if (variables !== undefined && variables !== null && !isObject(variables)) {
    throw new CodedError('BAD_USER_INPUT', '"variables" must be an object', {
      extensions: { argument: 'variables' },
    });
  }
  try {
    return await context.inspect({ source: operation, operationName, variables: variables ?? {} });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { code, mistakes, document } = error;
    if (mistakes.length === 0 || document === null) throw told(error);
    const { coordinates } = context.supergraph;
    throw told(
      new RequestError(code, authorizer.tellMistakes(mistakes, document, coordinates, context)),
    );
  }
}

/** All that is wrong with an operation, as one error of the field that asks about it. */
function told({ code, message, errors }: RequestError): CodedError {
  const mistakes = errors.map(({ message, locations }) => ({
    message,
    ...(locations !== undefined && { locations }),
  }));
  return new CodedError(code, message, { extensions: { mistakes } });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
