import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Whether a request shows, as `Authorization: Bearer`, the secret that gateways and identity share. */
export function holdsSecret(request: FastifyRequest, secret: string): boolean {
  const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return given !== undefined && timingSafeEqual(digest(given), digest(secret));
}

/** Digests are compared, so that neither content nor length shows in the time it takes. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
