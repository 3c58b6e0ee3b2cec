import { apolloGateway } from './apollo-gateway.ts';
import { castellan } from './castellan.ts';
import { castellanAuth, castellanScoped } from './castellan-auth.ts';
import { fastify } from './fastify.ts';
import type { Gateway } from './gateway.ts';
import { hiveJs, hiveRust } from './hive.ts';
import { mercuriusGateway } from './mercurius-gateway.ts';
import { relay } from './relay.ts';

/** Everything that is measured, in the order of the report. */
export const gateways: readonly Gateway[] = [
  castellan,
  castellanAuth,
  castellanScoped,
  hiveRust,
  hiveJs,
  apolloGateway,
  mercuriusGateway,
  relay,
  fastify,
];

export const gatewayNames = gateways.map((gateway) => gateway.name);

/** Those of a quick run: ours, the nearest peer and the floors. */
export const quickGatewayNames = ['castellan', 'castellan-auth', 'hive-rust', 'relay', 'fastify'];
