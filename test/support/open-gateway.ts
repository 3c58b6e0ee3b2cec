import { composeServices } from '@apollo/composition';
import type { FastifyInstance } from 'fastify';
import { parse } from 'graphql';
import { pino } from 'pino';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import {
  federated,
  type ReceivedCall,
  type SubgraphFixture,
  startSubgraph,
} from './subgraph-server.ts';

export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string; readonly [name: string]: unknown };
  }[];
}

export interface OpenGateway {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly calls: ReceivedCall[];
  ask(query: string, variables?: Record<string, unknown>, operationName?: string): Promise<Answer>;
  close(): Promise<void>;
}

/** Composes the fixtures, starts each as a server, and a gateway with `--open` in front of them. */
export async function startOpenGateway(
  fixtures: Readonly<Record<string, SubgraphFixture>>,
  settings: Partial<Parameters<typeof defineConfig>[0]> = {},
  urls: Readonly<Record<string, string>> = {},
): Promise<OpenGateway> {
  const calls: ReceivedCall[] = [];
  const servers = await Promise.all(
    Object.entries(fixtures).map(async ([name, fixture]) => {
      const server = await startSubgraph(name, fixture, calls);
      return { name, typeDefs: parse(federated(fixture.typeDefs)), ...server };
    }),
  );
  const { supergraphSdl, errors } = composeServices(
    servers.map(({ name, url, typeDefs }) => ({ name, url: urls[name] ?? url, typeDefs })),
  );
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], String(errors));
  const config = readConfig({
    flags: { open: true, port: '0' },
    env: {},
    castellan: defineConfig({ plugins: [], ...settings }),
  });
  const supergraph = await loadSupergraph(supergraphSdl, undefined, config.settings);
  const app = await createGateway({ config, supergraph, logger: pino({ level: 'silent' }) });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    app,
    url,
    calls,
    async ask(query, variables, operationName) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables, operationName }),
      });
      return (await response.json()) as Answer;
    },
    async close() {
      await app.close();
      await Promise.all(servers.map((server) => server.app.close()));
    },
  };
}
