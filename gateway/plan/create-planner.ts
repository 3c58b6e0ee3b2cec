import { type DocumentNode, parse, visit } from 'graphql';
import pLimit from 'p-limit';
import { CodedError } from '#contract/errors.ts';
import { readLinks } from '../supergraph/links.ts';
import type { ApolloPlanner } from './apollo.ts';
import type { Planner } from './planner.ts';
import type { PlanningOptions } from './planning-options.ts';
import { rememberFailures } from './remember-failures.ts';
import { IncompletePlan, type PlannedGraph, requireCoverage } from './require-coverage.ts';
import { requireRequirements } from './require-requirements.ts';

type PlannerName = 'hive' | 'apollo';
type LoadHive = () => Promise<unknown>;

/** Operations that may wait for Apollo's planner because Hive's has refused them. */
const MAX_WAITING_FALL_BACKS = 20;
/** Operations in parts that may wait for it: the others are answered in one piece, which is no worse than to wait. */
const MAX_WAITING_IN_PARTS = 10;

/**
 * The planner of a supergraph. Each one is loaded only where it is needed.
 * @throws CodedError CONFIGURATION_INVALID when the planner that was asked for cannot do it; Error saying why the
 *   supergraph cannot be loaded
 */
export async function createPlanner(
  supergraphSdl: string,
  supergraph: DocumentNode,
  graph: PlannedGraph,
  { planner, planTimeoutMs, fallbackTimeoutMs, maxWaitingPlans }: PlanningOptions,
  loadHive: LoadHive = () => import('@graphql-hive/router-query-planner'),
): Promise<Planner> {
  const loadApollo = async (): Promise<ApolloPlanner> => {
    const { createApolloPlanner } = await import('./apollo.ts');
    const apollo = createApolloPlanner(supergraphSdl, { planTimeoutMs, maxWaitingPlans });
    const plan: ApolloPlanner['plan'] = async (...operation) => {
      const planned = await apollo.plan(...operation);
      requireRequirements(planned, graph);
      return planned;
    };
    return { ...apollo, plan: requireCoverage(plan, graph, 'any type') };
  };
  const chosen =
    planner === 'auto' ? plannerOfSupergraph(supergraph, await runs(loadHive)) : planner;
  if (chosen === 'apollo') {
    const apollo = await loadApollo();
    await apollo.ready();
    return createApolloOnlyPlanner(apollo, fallbackTimeoutMs);
  }
  if (planner === 'hive') await checkHive(supergraph, loadHive);
  const { createHivePlanner } = await import('./hive.ts');
  const hive = createHivePlanner(supergraphSdl);
  const covering = (of: 'every type' | 'any type'): Planner => ({
    ...hive,
    plan: requireCoverage(hive.plan, graph, of),
  });
  return planner === 'hive'
    ? covering('any type')
    : createAutoPlanner(covering('every type'), loadApollo, fallbackTimeoutMs);
}

/** Apollo's planner alone. An operation in parts has less time: it can be answered in one piece as well. */
function createApolloOnlyPlanner(apollo: ApolloPlanner, inPartsTimeoutMs: number): Planner {
  const inParts = takeTurns(MAX_WAITING_IN_PARTS, (...operation) =>
    apollo.plan(...operation, inPartsTimeoutMs),
  );
  return {
    defers: true,
    plan: rememberFailures((...operation) =>
      plannerOfOperation(operation[0]) === 'apollo'
        ? inParts(...operation)
        : apollo.plan(...operation),
    ),
    close: () => apollo.close(),
  };
}

/** Plans one operation after the other. @throws CodedError OVERLOADED when too many wait */
function takeTurns(maxWaiting: number, plan: Planner['plan']): Planner['plan'] {
  const turns = pLimit(1);
  return async (...operation) => {
    if (turns.pendingCount >= maxWaiting) throw new CodedError('OVERLOADED');
    return turns(() => plan(...operation));
  };
}

/** Which planner is for a supergraph: Hive's knows nothing of `@context`, and has binaries for some platforms only. */
export function plannerOfSupergraph(supergraph: DocumentNode, hiveRuns: boolean): PlannerName {
  return hiveRuns && !usesContext(supergraph) ? 'hive' : 'apollo';
}

/** Which planner is for an operation: Hive's drops `@defer` without a word. */
export function plannerOfOperation(document: string): PlannerName {
  // The text alone can only say that there is none: it may stand in a string.
  if (!document.includes('@defer')) return 'hive';
  let defers = false;
  visit(parse(document, { noLocation: true }), {
    Directive(node) {
      if (node.name.value === 'defer') defers = true;
    },
  });
  return defers ? 'apollo' : 'hive';
}

async function checkHive(supergraph: DocumentNode, loadHive: LoadHive): Promise<void> {
  const lacks = !(await runs(loadHive))
    ? 'has no binary for this platform'
    : usesContext(supergraph)
      ? 'cannot plan the @context of this supergraph'
      : null;
  if (lacks === null) return;
  throw new CodedError(
    'CONFIGURATION_INVALID',
    `The planner "hive" ${lacks}; choose "auto" or "apollo"`,
  );
}

/**
 * Hive's planner, and Apollo's for what that one cannot plan. It refuses some operations that are valid, and
 * leaves fields out of others: then the other one is asked, and where both refuse, its reason is the one that is told.
 *
 * What anyone can write must not take the other planner away from those who need it: an operation has little
 * time there, and of those that were refused, and of those in parts, one at a time stands before it
 * (docs/decisions/0013).
 */
export function createAutoPlanner(
  hive: Planner,
  loadApollo: () => Promise<ApolloPlanner>,
  fallbackTimeoutMs: number,
): Planner {
  let apollo: Promise<ApolloPlanner> | null = null;
  const loaded = (): Promise<ApolloPlanner> => {
    apollo ??= loadApollo();
    return apollo;
  };
  const planWithApollo: Planner['plan'] = async (...operation) =>
    (await loaded()).plan(...operation, fallbackTimeoutMs);
  const planInParts = rememberFailures(takeTurns(MAX_WAITING_IN_PARTS, planWithApollo));
  const fallBack = rememberFailures(takeTurns(MAX_WAITING_FALL_BACKS, planWithApollo));
  return {
    defers: true,
    async plan(document, operationName, overrides) {
      if (plannerOfOperation(document) === 'apollo') {
        return planInParts(document, operationName, overrides);
      }
      try {
        return await hive.plan(document, operationName, overrides);
      } catch (error) {
        // What is nested too deep for its parser would keep the other planner busy until its time is up.
        if (/recursion limit/i.test(String(error))) {
          throw new CodedError('OPERATION_TOO_LARGE', 'The operation is nested too deep', {
            cause: error,
          });
        }
        try {
          return await fallBack(document, operationName, overrides);
        } catch (refusal) {
          // Better than nothing: where an object of the type that was left out comes, the answer says what it lacks.
          const isFinal = error instanceof IncompletePlan && !isOverloaded(refusal);
          if (isFinal) return error.plan;
          throw refusal;
        }
      }
    },
    async close() {
      await hive.close();
      await (await apollo)?.close();
    },
  };
}

function isOverloaded(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'OVERLOADED';
}

function usesContext(supergraph: DocumentNode): boolean {
  return readLinks(supergraph).some((link) => link.feature === 'context');
}

async function runs(loadHive: LoadHive): Promise<boolean> {
  try {
    await loadHive();
    return true;
  } catch {
    // Its package says so by not loading: musl, Windows.
    return false;
  }
}
