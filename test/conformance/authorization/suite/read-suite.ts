import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import {
  type AuthorizationCase,
  callersSchema,
  capabilities,
  caseFileSchema,
  type SuiteCaller,
} from './authorization-case.ts';
import type { SubgraphData } from './resolve-data.ts';

export interface SuiteSubgraph {
  readonly name: string;
  readonly typeDefs: string;
  readonly data: SubgraphData;
}

export interface Suite {
  readonly callers: ReadonlyMap<string, SuiteCaller>;
  readonly cases: readonly AuthorizationCase[];
  /** The names of the supergraphs. */
  readonly supergraphs: readonly string[];
}

const folder = join(import.meta.dirname, '..');

/** Reads callers and cases; a property that nobody knows is a mistake, since it would check nothing. */
export function readSuite(): Suite {
  const callers = new Map(Object.entries(read(callersSchema, 'callers.yaml')));
  const cases = readdirSync(join(folder, 'cases'))
    .sort()
    .flatMap((file): readonly AuthorizationCase[] => {
      const { supergraph, mode, needs = [], cases } = read(caseFileSchema, join('cases', file));
      return cases.map((each) => ({
        ...each,
        topic: basename(file, '.yaml'),
        supergraph,
        mode: each.mode ?? mode ?? 'filter',
        needs: [...needs, ...(each.needs ?? [])],
      }));
    });
  const names = new Set<string>();
  for (const each of cases) {
    for (const caller of [each.caller, ...(each.after ?? [])]) {
      if (!callers.has(caller)) throw new TypeError(`${each.topic}: nobody is called ${caller}`);
    }
    const unknown = each.needs.find((need) => !capabilities.includes(need));
    if (unknown !== undefined) throw new TypeError(`${each.topic}: nobody can lack ${unknown}`);
    if (names.has(each.name)) throw new TypeError(`two cases promise: ${each.name}`);
    names.add(each.name);
  }
  return { callers, cases, supergraphs: readdirSync(join(folder, 'supergraphs')).sort() };
}

/** The subgraphs of a supergraph, with the data that each of them serves. */
export function readSubgraphs(supergraph: string): readonly SuiteSubgraph[] {
  const at = join(folder, 'supergraphs', supergraph);
  return readdirSync(at)
    .filter((file) => file.endsWith('.graphql'))
    .sort()
    .map((file) => {
      const name = basename(file, '.graphql');
      return {
        name,
        typeDefs: readFileSync(join(at, file), 'utf8'),
        data: parse(readFileSync(join(at, `${name}.yaml`), 'utf8')),
      };
    });
}

function read<Schema extends TSchema>(schema: Schema, file: string): Static<Schema> {
  const value: unknown = parse(readFileSync(join(folder, file), 'utf8'));
  const [mistake] = Value.Errors(schema, value);
  if (mistake !== undefined) {
    throw new TypeError(`${file}: ${mistake.instancePath} ${mistake.message}`);
  }
  return value as Static<Schema>;
}
