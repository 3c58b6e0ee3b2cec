import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '#contract/claims.ts';
import { CodedError } from '#contract/errors.ts';
import { LEAKS_PATH, SCANNING_PATTERNS_PATH } from '#contract/leaks.ts';
import { holdsSecret } from '../introspection/holds-secret.ts';
import { MAX_REPORTS, readLeakReports } from './leak-report.ts';
import type { Reporter, ReportLeaks } from './leaked-keys.ts';
import type { ReportLimit } from './report-limit.ts';
import type { ScanningPatterns } from './scanning-patterns.ts';

const BODY_LIMIT_BYTES = 65_536;
/** The time of an answer says nothing of what was found. */
const ANSWER_AFTER_MS = 200;
const PATTERNS_MAX_AGE_SECONDS = 3_600;

export interface LeakRoutesOptions {
  readonly report: ReportLeaks;
  readonly limit: ReportLimit;
  readonly patterns: ScanningPatterns;
  /** What a gateway in another process shows, so that it is believed where a client comes from. */
  readonly secret?: string | undefined;
}

/**
 * `POST /api/leaks`: anybody reports keys that they found, as secret scanners do. The answer is the same whatever
 * was found. `GET /.well-known/secret-scanning.json` says what keys look like.
 */
export async function leakRoutes(app: FastifyInstance, options: LeakRoutesOptions): Promise<void> {
  const { report, limit, patterns, secret } = options;

  app.post(
    LEAKS_PATH,
    {
      bodyLimit: BODY_LIMIT_BYTES,
      onRequest: async (request, reply) => {
        reply.header('cache-control', 'no-store');
        const seconds = limit.count(reporterOf(request, secret).address ?? '');
        if (seconds === 0) return;
        reply.header('retry-after', seconds);
        throw new CodedError('RATE_LIMITED', undefined, { extensions: { retryAfter: seconds } });
      },
    },
    async (request, reply) => {
      const reports = readLeakReports(request.body);
      if (reports === null) {
        throw new CodedError(
          'BAD_REQUEST',
          `The body is a list of at most ${MAX_REPORTS} objects, each with a "token"`,
        );
      }
      // What is answered is done; how long it took is not told.
      await Promise.all([report(reports, reporterOf(request, secret)), delay(ANSWER_AFTER_MS)]);
      return reply.code(202).send({ received: reports.length });
    },
  );

  app.get(SCANNING_PATTERNS_PATH, (_request, reply) =>
    reply.header('cache-control', `public, max-age=${PATTERNS_MAX_AGE_SECONDS}`).send(patterns),
  );
}

/** The client of a gateway, where it is one that says so; else whoever is connected. */
function reporterOf(request: FastifyRequest, secret: string | undefined): Reporter {
  const { [CLIENT_ADDRESS_HEADER]: address, [REQUEST_ID_HEADER]: id } = request.headers;
  const isGateway = secret !== undefined && holdsSecret(request, secret);
  return {
    address: isGateway && typeof address === 'string' && isIP(address) !== 0 ? address : request.ip,
    requestId: isGateway && typeof id === 'string' ? id.slice(0, 128) : request.id,
  };
}
