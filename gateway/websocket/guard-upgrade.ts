import type { FastifyRequest } from 'fastify';
import { handleProtocols } from 'graphql-ws';
import { CodedError } from '#contract/errors.ts';
import { isOwnOrigin } from '../http/own-origin.ts';

const GRAPHQL_PATH = '/graphql';

export interface UpgradeRules {
  readonly allowedOrigins: readonly string[];
  readonly maxConnections: number;
}

/**
 * Says which requests may become a WebSocket, before any of them does.
 *
 * A browser lets any page open a WebSocket anywhere, without asking and with the cookies of that place; who may
 * read the answers is for the server to say, by `Origin`. Programs send none. That holds for anonymous callers
 * too, as a gateway that only its own network can reach is reached by the browsers in it.
 */
export class UpgradeGuard {
  readonly #rules: UpgradeRules;
  #connections = 0;

  constructor(rules: UpgradeRules) {
    this.#rules = rules;
  }

  /**
   * Lets one in, and counts it until its socket closes.
   * @throws CodedError NOT_FOUND, BAD_REQUEST, FORBIDDEN, OVERLOADED
   */
  admit(request: FastifyRequest): void {
    const { allowedOrigins, maxConnections } = this.#rules;
    if (request.method !== 'GET' || request.routeOptions.url !== GRAPHQL_PATH) {
      throw new CodedError('NOT_FOUND', `WebSockets are opened at GET ${GRAPHQL_PATH}`);
    }
    const { origin, 'sec-websocket-protocol': protocols = '' } = request.headers;
    if (handleProtocols(protocols) === false) {
      throw new CodedError('BAD_REQUEST', 'The subprotocol must be graphql-transport-ws');
    }
    if (origin !== undefined && !allowedOrigins.some((each) => each === '*' || each === origin)) {
      if (!isOwnOrigin(origin, request)) {
        throw new CodedError(
          'FORBIDDEN',
          'Pages of this origin may not connect (webSockets.allowedOrigins)',
        );
      }
    }
    if (this.#connections >= maxConnections) {
      throw new CodedError(
        'OVERLOADED',
        `There are ${maxConnections} connections already (maxConnections)`,
      );
    }
    this.#connections += 1;
    request.raw.socket.once('close', () => {
      this.#connections -= 1;
    });
  }
}
