import { SECURE_SESSION_COOKIE, SESSION_COOKIE } from '#contract/identity.ts';

export interface SessionCookie {
  readonly name: string;
  /** The `Set-Cookie` that takes it off a browser, with the attributes it was set with. */
  readonly cleared: string;
}

/**
 * The one cookie that a session is read from. In production only the `__Secure-` one counts, which no page
 * without TLS can plant.
 */
export function sessionCookie(production: boolean): SessionCookie {
  const name = production ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
  const attributes = `Max-Age=0; Path=/; HttpOnly; SameSite=Lax${production ? '; Secure' : ''}`;
  return Object.freeze({ name, cleared: `${name}=; ${attributes}` });
}
