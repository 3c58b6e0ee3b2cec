import { readFile } from 'node:fs/promises';
import { peer } from '../peer.ts';
import type { Gateway } from './gateway.ts';

interface ApolloServerPackage {
  readonly ApolloServer: new (options: { gateway: object }) => object;
}
interface StandalonePackage {
  startStandaloneServer(
    server: object,
    options: { listen: { host: string; port: number } },
  ): Promise<{ readonly url: string }>;
}
interface ApolloGatewayPackage {
  readonly ApolloGateway: new (options: { supergraphSdl: string }) => object;
}

/** Apollo Server 5 with @apollo/gateway as they come. It shares no calls between requests. */
export const apolloGateway: Gateway = {
  name: 'apollo-gateway',
  dedupe: [false],
  async serve({ supergraphFile }) {
    const { ApolloServer } = await peer<ApolloServerPackage>('@apollo/server');
    const { startStandaloneServer } = await peer<StandalonePackage>('@apollo/server/standalone');
    const { ApolloGateway } = await peer<ApolloGatewayPackage>('@apollo/gateway');
    const gateway = new ApolloGateway({ supergraphSdl: await readFile(supergraphFile, 'utf8') });
    const server = new ApolloServer({ gateway });
    const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });
    return url;
  },
};
