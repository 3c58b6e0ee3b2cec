import { createHash, timingSafeEqual } from 'node:crypto';

/** What the rule about who reads the metrics looks at. */
export interface Reader {
  /** The other end of the socket, whatever headers say. */
  readonly address: string | undefined;
  /** The name under which we were asked, without a port. */
  readonly hostname: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Whether a program of this machine asks for itself. A proxy on this machine asks for others, and a web page can
 * have its own name resolve to 127.0.0.1 (DNS rebinding).
 */
export function isLocal({ address = '', hostname, headers }: Reader): boolean {
  if (!/^(?:::ffff:)?127\.|^::1$/.test(address)) return false;
  if (!/^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(hostname)) return false;
  return !forwarding.some((name) => headers[name] !== undefined);
}

const forwarding = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/** Whether `authorization` brings this bearer token, in a time that does not depend on where they differ. */
export function bringsToken(authorization: string | undefined, token: string): boolean {
  const presented = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  return presented !== undefined && timingSafeEqual(sha256(presented), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
