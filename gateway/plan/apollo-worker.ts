import { parentPort, workerData } from 'node:worker_threads';
import {
  operationFromDocument,
  ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  type Schema,
  Supergraph,
} from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { type DocumentNode, Kind, parse, visit } from 'graphql';
import type { PlanMessage, PlanRequest } from './apollo-message.ts';
import { fromApollo } from './from-apollo.ts';

// A thread of its own, because Apollo's planner computes without a pause. It gets the supergraph once, as
// its data, says that it is ready, and then answers each request with one message.
const say = (message: PlanMessage): void => parentPort?.postMessage(message);

try {
  const planner = loadPlanner(String(workerData));
  parentPort?.on('message', (request: PlanRequest) => say(answerTo(planner, request)));
  say({ kind: 'ready' });
} catch (error) {
  say({ kind: 'refused', reason: messageOf(error) });
}

function loadPlanner(supergraphSdl: string): QueryPlanner {
  const supergraph = Supergraph.build(supergraphSdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  });
  return new QueryPlanner(supergraph, {
    incrementalDelivery: { enableDefer: true },
    typeConditionedFetching: true,
  });
}

function answerTo(
  planner: QueryPlanner,
  { document, operationName, labels }: PlanRequest,
): PlanMessage {
  try {
    // It was validated before.
    const schema = planner.supergraph.apiSchema();
    const operation = operationFromDocument(schema, parseKnown(document, schema), {
      validate: false,
      ...(operationName !== undefined && { operationName }),
    });
    const { node } = planner.buildQueryPlan(operation, {
      overrideConditions: new Map(labels.map((label) => [label, true])),
    });
    return { kind: 'planned', plan: node === undefined ? null : fromApollo(node) };
  } catch (error) {
    const reason = messageOf(error);
    return { kind: isBeyondLimits(reason) ? 'too-expensive' : 'failed', reason };
  }
}

/** Composed directives are no part of this planner's schema, and change no plan. */
function parseKnown(document: string, schema: Schema): DocumentNode {
  return visit(parse(document, { noLocation: true }), {
    enter(node) {
      const isUnknown =
        node.kind === Kind.DIRECTIVE && schema.directive(node.name.value) === undefined;
      return isUnknown ? null : undefined;
    },
  });
}

/** The planner's own bounds, which it tells by nothing but text. */
function isBeyondLimits(message: string): boolean {
  return /recursive selections|non-local selections exceeds/.test(message);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
