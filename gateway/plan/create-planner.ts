import { type DocumentNode, parse, visit } from 'graphql';
import pLimit from 'p-limit';
import { CodedError } from '#contract/errors.ts';
import { readLinks } from '../supergraph/links.ts';
import type { ApolloPlanner } from './apollo.ts';
import type { Planner } from './planner.ts';
import type { PlanningOptions } from './planning-options.ts';
import { rememberFailures } from './remember-failures.ts';

/** Operations that wait for their turn to fall back; more are refused. */
const MAX_FALL_BACKS = 20;

type PlannerName = 'hive' | 'apollo';
type LoadHive = () => Promise<unknown>;

/**
 * The planner of a supergraph. Each one is loaded only where it is needed.
 * @throws CodedError CONFIGURATION_INVALID when the planner that was asked for cannot do it; Error saying why the
 *   supergraph cannot be loaded
 */
export async function createPlanner(
  supergraphSdl: string,
  supergraph: DocumentNode,
  { planner, planTimeoutMs, fallbackTimeoutMs, maxWaitingPlans }: PlanningOptions,
  loadHive: LoadHive = () => import('@graphql-hive/router-query-planner'),
): Promise<Planner> {
  const loadApollo = async (): Promise<ApolloPlanner> => {
    const { createApolloPlanner } = await import('./apollo.ts');
    return createApolloPlanner(supergraphSdl, { planTimeoutMs, maxWaitingPlans });
  };
  const chosen =
    planner === 'auto' ? plannerOfSupergraph(supergraph, await runs(loadHive)) : planner;
  if (chosen === 'apollo') {
    const apollo = await loadApollo();
    await apollo.ready();
    return rememberingPlanner(apollo);
  }
  if (planner === 'hive') await checkHive(supergraph, loadHive);
  const { createHivePlanner } = await import('./hive.ts');
  const hive = createHivePlanner(supergraphSdl);
  return planner === 'hive' ? hive : createAutoPlanner(hive, loadApollo, fallbackTimeoutMs);
}

function rememberingPlanner(planner: Planner): Planner {
  return {
    defers: planner.defers,
    plan: rememberFailures((...operation) => planner.plan(...operation)),
    close: () => planner.close(),
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
 * Hive's planner, and Apollo's for what that one cannot plan. It refuses some operations that are valid: then
 * the other one is asked, and where both refuse, its reason is the one that is told.
 *
 * What anyone can have refused must not take the other planner away from those who need it: such operations
 * have less time, and no two of them wait for it at once (docs/decisions/0013). What is deferred has no more time
 * either, since it can be answered in one piece.
 */
export function createAutoPlanner(
  hive: Planner,
  loadApollo: () => Promise<ApolloPlanner>,
  fallbackTimeoutMs: number,
): Planner {
  let apollo: Promise<ApolloPlanner> | null = null;
  const fallBacks = pLimit(1);
  const loaded = (): Promise<ApolloPlanner> => {
    apollo ??= loadApollo();
    return apollo;
  };
  const planInTime = async (...operation: Parameters<Planner['plan']>) =>
    (await loaded()).plan(...operation, fallbackTimeoutMs);
  const planInParts = rememberFailures(planInTime);
  const fallBack = rememberFailures((...operation) => {
    if (fallBacks.pendingCount >= MAX_FALL_BACKS) throw new CodedError('OVERLOADED');
    return fallBacks(() => planInTime(...operation));
  });
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
        return fallBack(document, operationName, overrides);
      }
    },
    async close() {
      await hive.close();
      await (await apollo)?.close();
    },
  };
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
