import {
  type ConstDirectiveNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  parse,
  validateSchema,
} from 'graphql';
import { CodedError } from '#contract/errors.ts';
import { createPlanner } from '../plan/create-planner.ts';
import { type ProgressiveOverrides, readOverrides } from '../plan/overrides.ts';
import type { Planner } from '../plan/planner.ts';
import { type PlanningOptions, readPlanningOptions } from '../plan/planning-options.ts';
import { buildApiSchema } from './api-schema.ts';
import { type Coordinates, readCoordinates } from './coordinates.ts';
import { type MembersBySubgraph, readMembers } from './members.ts';
import type { SupergraphSource } from './supergraph-source.ts';
import { readSupergraphTypes, type SupergraphTypes } from './supergraph-types.ts';

/** A composed supergraph, ready to be asked. A request keeps the one that it began with. */
export interface Supergraph {
  /** What clients may see: without join directives and without anything @inaccessible. */
  readonly schema: GraphQLSchema;
  /** Its types, those included that clients do not see. */
  readonly types: SupergraphTypes;
  /** What of it somebody may or may not touch, with what is said of it there. */
  readonly coordinates: Coordinates;
  /** Which members of abstract types each subgraph knows. */
  readonly members: MembersBySubgraph;
  /** The subgraphs by name, with the URL that the supergraph gives for each. */
  readonly subgraphs: ReadonlyMap<string, { readonly name: string; readonly url: string }>;
  readonly planner: Planner;
  /** Which of its progressive `@override`s are in force. */
  readonly overrides: ProgressiveOverrides;
  /** Ends what plans for it. */
  close(): Promise<void>;
}

/**
 * Loads a supergraph from the SDL that composition wrote. Whoever loads it closes it.
 * @throws CodedError SUPERGRAPH_INVALID, CONFIGURATION_INVALID for a planner that does not run here
 */
export async function loadSupergraph(
  sdl: string,
  place = 'the supergraph',
  planning: Partial<PlanningOptions> = {},
): Promise<Supergraph> {
  try {
    const options = readPlanningOptions(planning);
    const document = parse(sdl, { noLocation: true });
    const subgraphs = readSubgraphs(document);
    if (subgraphs.size === 0) {
      throw new CodedError(
        'SUPERGRAPH_INVALID',
        `${place} names no subgraphs (no enum join__Graph); is it a composed supergraph?`,
      );
    }
    const schema = buildApiSchema(document);
    // Otherwise it would be each request that finds it out.
    const [mistake] = validateSchema(schema);
    if (mistake !== undefined) throw mistake;
    const types = readSupergraphTypes(document);
    const coordinates = readCoordinates(document, schema);
    const members = readMembers(document);
    const planner = await createPlanner(sdl, document, { types, members }, options);
    return Object.freeze({
      schema,
      types,
      coordinates,
      members,
      subgraphs,
      planner,
      overrides: readOverrides(document, options.overrideLabels),
      close: () => planner.close(),
    });
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const line = error instanceof GraphQLError ? error.locations?.[0] : undefined;
    const where = line === undefined ? place : `${place}:${line.line}:${line.column}`;
    throw new CodedError('SUPERGRAPH_INVALID', `${where}: ${reason}`, { cause: error });
  }
}

/** Reads a source for the first time, and loads what it has. @throws CodedError as reading and loading do */
export async function readSupergraph(
  source: SupergraphSource,
  planning?: Partial<PlanningOptions>,
): Promise<Supergraph> {
  const sdl = await source.read();
  if (sdl === null) throw new TypeError(`${source.place} was read before`);
  return loadSupergraph(sdl, source.place, planning);
}

function readSubgraphs(document: DocumentNode): Map<string, { name: string; url: string }> {
  const subgraphs = new Map<string, { name: string; url: string }>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') {
      continue;
    }
    for (const value of definition.values ?? []) {
      const graph = value.directives?.find((directive) => directive.name.value === 'join__graph');
      const name = textArgument(graph, 'name');
      if (name !== null) subgraphs.set(name, { name, url: textArgument(graph, 'url') ?? '' });
    }
  }
  return subgraphs;
}

function textArgument(directive: ConstDirectiveNode | undefined, name: string): string | null {
  const value = directive?.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : null;
}
