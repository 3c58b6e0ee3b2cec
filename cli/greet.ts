import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '#gateway/config.ts';

/** Where a gateway listens: one fact a line, label first. */
export function greetingOf(app: FastifyInstance, config: GatewayConfig): readonly string[] {
  const url = urlOf(app, config);
  const hasGraphiql = config.plugins.some((plugin) => plugin.name === 'graphiql');
  return [`GraphQL  ${url}/graphql`, ...(hasGraphiql ? [`GraphiQL  ${url}/graphiql`] : [])];
}

/** The URL under which a listening server is reached from this machine. */
export function urlOf(app: FastifyInstance, { host }: GatewayConfig): string {
  const { port } = app.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
