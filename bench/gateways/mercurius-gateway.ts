import Fastify, { type FastifyPluginAsync } from 'fastify';
import { peer } from '../peer.ts';
import { subgraphs } from '../scenarios/schemas.ts';
import type { Gateway } from './gateway.ts';

interface MercuriusGatewayPackage {
  readonly default: FastifyPluginAsync<{ gateway: object }>;
}

/** Mercurius' own gateway; it reads federation 1 from the subgraphs and merges by itself. */
export const mercuriusGateway: Gateway = {
  name: 'mercurius-gateway',
  dedupe: [false],
  async serve({ urls }) {
    const { default: gateway } = await peer<MercuriusGatewayPackage>('@mercuriusjs/gateway');
    const app = Fastify();
    const services = Object.keys(subgraphs).map((name) => ({ name, url: urls[name] }));
    await app.register(gateway, { gateway: { services } });
    return `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  },
};
