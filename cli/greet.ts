import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '#gateway/config.ts';

/** What can be asked of the gateway at this URL: one fact a line, label first. */
export function greetingOf(url: string, config: GatewayConfig): readonly string[] {
  const hasGraphiql = config.plugins.some((plugin) => plugin.name === 'graphiql');
  return [`GraphQL  ${url}/graphql`, ...(hasGraphiql ? [`GraphiQL  ${url}/graphiql`] : [])];
}

/** A line about what is dangerous in a configuration; empty when nothing is. */
export function warningOf({ open }: GatewayConfig): string {
  return open
    ? 'WARNING  --open: every request has all rights; nobody is asked who they are\n'
    : '';
}

/** The URL under which a listening server is reached from this machine. */
export function urlOf(app: FastifyInstance, { host }: GatewayConfig): string {
  return urlAt(host, (app.server.address() as AddressInfo).port);
}

export function urlAt(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
