import { CodedError } from '#contract/errors.ts';
import { toClientName } from '../operation/private-names.ts';
import { withinStack } from '../operation/variables.ts';
import type { Fetch } from '../plan/plan.ts';
import type { SubgraphCall, SubgraphResult } from '../subgraph-client/subgraph-client.ts';
import type { SupergraphTypes } from '../supergraph/supergraph-types.ts';
import { answerErrorOf } from './answer-errors.ts';
import { compileBatch, type GatheredBatch } from './batch.ts';
import type { Compilation } from './compilation.ts';
import { deliveredFields } from './delivered-fields.ts';
import type { ResponsePath } from './entities.ts';
import type { Execution, Step } from './execution.ts';
import type { JsonObject } from './json.ts';
import { merge } from './merge.ts';
import { applyRewrites } from './rewrite.ts';
import { toAnswerError } from './subgraph-error.ts';

/** Compiles one call to a subgraph: what it sends is gathered from the answer so far, what comes back is merged into it. */
export function compileFetch(fetch: Fetch, compilation: Compilation): Step {
  const call = compileCall(fetch, fetch.document, compilation.types);
  if (fetch.batches.length === 0) return (execution) => call(execution, nothingGathered);
  const batches = fetch.batches.map((batch) => compileBatch(batch, compilation));
  return gatheringFirst(fetch, batches, call);
}

/** Gathers the entities that a call is about, and makes it when there are any. */
function gatheringFirst(
  fetch: Fetch,
  batches: readonly ((execution: Execution) => GatheredBatch)[],
  call: Call,
): Step {
  return async (execution) => {
    const gathered = batches.map((gather) => gather(execution));
    if (execution.errors.hasFailures && gathered.some((batch) => batch.incomplete)) {
      execution.errors.addDependentFailure(deliveredFields(fetch));
    }
    // Nobody needs the call when there is no entity to ask about.
    if (gathered.every((batch) => batch.texts.length === 0)) return;
    await call(execution, gathered);
  };
}

const nothingGathered: readonly GatheredBatch[] = [];

/** Sends one document of a fetch with what was gathered for it. */
export type Call = (execution: Execution, gathered: readonly GatheredBatch[]) => Promise<void>;

/** Compiles the call itself: `document` asks for what `fetch` is to deliver. */
export function compileCall(fetch: Fetch, document: string, types: SupergraphTypes): Call {
  const opening = `{"query":${JSON.stringify(document)},"variables":{`;
  return async (execution, gathered) => {
    const variables = writeVariables(fetch.variables, execution.variables);
    for (const { variable, texts, ownVariables } of gathered) {
      variables.push(`${JSON.stringify(variable)}:[${texts.join(',')}]`, ...ownVariables);
    }
    let result: SubgraphResult;
    try {
      result = await execution.client.call(
        {
          subgraph: fetch.subgraph,
          operation: fetch.operation,
          document,
          body: `${opening}${variables.join(',')}}}`,
        },
        execution.context,
        execution.departure,
      );
    } catch (error) {
      const coded = codedOf(error);
      if (execution.departure?.hasLeft) {
        execution.context.request.log.debug({ err: coded }, 'a call was given up: its client left');
      } else if (coded.code === 'INTERNAL_SERVER_ERROR') {
        execution.context.request.log.error({ err: error }, 'a call to a subgraph failed');
      } else {
        execution.context.request.log.warn({ err: coded, cause: coded.cause }, coded.message);
      }
      execution.errors.addFailure(deliveredFields(fetch), answerErrorOf(coded, fetch.subgraph));
      return;
    }
    const { data } = result;
    if (data !== null && gathered.some((batch) => !batch.fits(data[batch.key]))) {
      // Only their positions tell whose data they are.
      const error = new CodedError(
        'SUBGRAPH_INVALID_RESPONSE',
        `The subgraph "${fetch.subgraph}" answered with another number of entities than it was asked for`,
      );
      execution.errors.addFailure(deliveredFields(fetch), answerErrorOf(error, fetch.subgraph));
      return;
    }
    reportErrors(fetch, gathered, result, execution);
    if (data === null) return;
    if (gathered.length === 0) {
      applyRewrites(data, fetch.outputRewrites, types);
      merge(execution.data, data, types.isAbstract);
    } else {
      for (const batch of gathered) batch.merge(data[batch.key]);
    }
  };
}

/** Compiles a call of root fields: what it sends for these variables of the client. */
export function compileRootCall(
  fetch: Fetch,
): (variables: Readonly<Record<string, unknown>>) => SubgraphCall {
  const { document } = fetch;
  const opening = `{"query":${JSON.stringify(document)},"variables":{`;
  return (variables) => ({
    subgraph: fetch.subgraph,
    operation: fetch.operation,
    document,
    body: `${opening}${writeVariables(fetch.variables, variables).join(',')}}}`,
  });
}

function writeVariables(
  names: readonly string[],
  values: Readonly<Record<string, unknown>>,
): string[] {
  const written: string[] = [];
  for (const name of names) {
    const clientName = toClientName(name);
    if (!Object.hasOwn(values, clientName)) continue;
    const text: string | undefined = withinStack(() => JSON.stringify(values[clientName]));
    if (text !== undefined) written.push(`${JSON.stringify(name)}:${text}`);
  }
  return written;
}

function codedOf(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError('INTERNAL_SERVER_ERROR', undefined, { cause: error });
}

/** Tells a subgraph's errors with the client's paths. What it left out without a word is remembered as failed. */
export function reportErrors(
  fetch: Fetch,
  gathered: readonly GatheredBatch[],
  result: SubgraphResult,
  execution: Execution,
): void {
  if (result.errors.length === 0) return;
  const answered = result.errors.map((error) => ({
    error: toAnswerError(error, fetch.subgraph),
    paths: clientPaths(error, gathered),
  }));
  const withoutPath = answered.filter(({ paths }) => paths.length === 0);
  for (const { error, paths } of answered) {
    for (const path of paths) execution.errors.add({ ...error, path });
  }
  const isEmpty = result.data === null || isWithoutEntities(result.data, gathered);
  if (!isEmpty) {
    for (const { error } of withoutPath) execution.errors.add(error);
    return;
  }
  // The first error without a path explains every field that did not come; the others are told as they are.
  execution.errors.addFailure(deliveredFields(fetch), withoutPath[0]?.error ?? null);
  for (const { error } of withoutPath.slice(1)) execution.errors.add(error);
}

function isWithoutEntities(data: JsonObject, gathered: readonly GatheredBatch[]): boolean {
  return gathered.length > 0 && gathered.every((batch) => !Array.isArray(data[batch.key]));
}

/** Where in the client's answer an error of a subgraph belongs; entities that stand in many places have many. */
function clientPaths(
  error: JsonObject,
  gathered: readonly GatheredBatch[],
): readonly ResponsePath[] {
  const { path } = error;
  if (!Array.isArray(path) || path.length === 0) return [];
  const segments = path.map(toPathSegment);
  if (gathered.length === 0) return [segments];
  const [key, index, ...rest] = segments;
  const batch = gathered.find((each) => each.key === key);
  if (batch === undefined || typeof index !== 'number') return [];
  return batch.pathsOf(index).map((prefix) => [...prefix, ...rest]);
}

/** Some servers write list indices as strings; no GraphQL name consists of digits. */
function toPathSegment(segment: unknown): string | number {
  if (typeof segment === 'number') return segment;
  const text = String(segment);
  return /^\d+$/.test(text) ? Number(text) : toClientName(text);
}
