import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '#gateway/config.ts';
import type { CommandIo } from './command.ts';

/** Says where a gateway listens: one fact a line, label first. */
export function greet(app: FastifyInstance, config: GatewayConfig, { stdout }: CommandIo): void {
  const url = urlOf(app, config);
  stdout.write(`GraphQL  ${url}/graphql\n`);
  const graphiql = app.castellan.config.plugins.find((plugin) => plugin.name === 'graphiql');
  if (graphiql !== undefined) stdout.write(`GraphiQL  ${url}/graphiql\n`);
}

/** The URL under which a listening gateway is reached from this machine. */
export function urlOf(app: FastifyInstance, { host }: GatewayConfig): string {
  const { port } = app.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
