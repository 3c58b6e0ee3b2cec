import { isOwnOrigin } from '#gateway/plugin.ts';

/** What the rules against cross-site requests look at. `host` and `protocol` are the ones the client used. */
export interface SiteFacts {
  readonly host: string;
  readonly protocol: string;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly contentType: string | undefined;
  readonly hasBody: boolean;
}

export type SiteVerdict = 'same-site' | 'cross-site' | 'wrong-content-type';

/**
 * Whether a request that carries the session cookie was made by a page of ours.
 *
 * A browser adds the cookie to requests that other sites' pages make; `Origin` and `Sec-Fetch-Site` say
 * whose page it was, and no page can forge them. Programs send neither, so their absence is allowed. A
 * body needs a JSON content type: the types of HTML forms are the ones that a page of another site can
 * send without asking first (Fetch §CORS-safelisted request-header).
 */
export function judgeSite(facts: SiteFacts): SiteVerdict {
  const { origin, fetchSite } = facts;
  // `same-site` is a neighbouring host, which may well be somebody else's.
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') {
    return 'cross-site';
  }
  if (origin !== undefined && !isOwnOrigin(origin, facts)) return 'cross-site';
  if (facts.hasBody && !isJson(facts.contentType)) return 'wrong-content-type';
  return 'same-site';
}

function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const [essence = ''] = contentType.split(';', 1);
  return /^application\/(?:json|graphql|[\w.-]+\+json)$/i.test(essence.trim());
}
