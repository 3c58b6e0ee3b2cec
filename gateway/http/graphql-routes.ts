import type { FastifyContextConfig, FastifyInstance, onRequestAsyncHookHandler } from 'fastify';

export const GRAPHQL_PATH = '/graphql';

/** Another address at which GraphQL is asked. */
export interface GraphqlRoute {
  /** With Fastify's parameters, such as `/api/graphql/space/:space`. */
  readonly url: string;
  /** What is different there: who is let in, and where they are. */
  readonly config?: FastifyContextConfig;
  /** Runs when it is known who is calling, before anything else is looked at. */
  readonly onRequest?: onRequestAsyncHookHandler;
}

/**
 * Has the routes of GraphQL be at other addresses too: the same handlers and checks. There are no WebSockets there.
 *
 * It is to be called before anything that changes routes as they are added.
 * @returns the way to add an address, until the routes are added
 */
export function repeatGraphqlRoutes(app: FastifyInstance): (route: GraphqlRoute) => void {
  const routes: GraphqlRoute[] = [];
  let isLate = false;
  app.addHook('onRoute', function (this: FastifyInstance, route) {
    // Fastify adds those of HEAD by itself.
    if (route.url !== GRAPHQL_PATH || route.method === 'HEAD') return;
    isLate = true;
    for (const { url, config, onRequest } of routes) {
      this.route({
        ...route,
        url,
        config: { ...route.config, ...config },
        onRequest: [route.onRequest ?? [], onRequest ?? []].flat(),
      });
    }
  });
  return (route) => {
    if (isLate) throw new TypeError(`the routes are there already; ${route.url} comes too late`);
    routes.push(route);
  };
}
