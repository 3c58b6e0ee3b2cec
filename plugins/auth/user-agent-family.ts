/** By what a `User-Agent` holds, the first that fits; a browser claims to be several, so that the order counts. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^curl\//i, 'curl'],
  [/^wget\//i, 'Wget'],
  [/postman/i, 'Postman'],
  [/insomnia/i, 'Insomnia'],
  [/bruno/i, 'Bruno'],
  [/apollo-ios/i, 'Apollo iOS'],
  [/apollo/i, 'Apollo'],
  [/axios/i, 'axios'],
  [/^undici|^node(?:-fetch|\.js)?(?:\/|$)/i, 'Node.js'],
  [/^deno\//i, 'Deno'],
  [/^bun\//i, 'Bun'],
  [/^python|aiohttp|httpx/i, 'Python'],
  [/^go-http-client|^go-resty/i, 'Go'],
  [/okhttp/i, 'OkHttp'],
  [/^java|apache-httpclient/i, 'Java'],
  [/guzzle|^php/i, 'PHP'],
  [/faraday|^ruby/i, 'Ruby'],
  [/reqwest|^hyper/i, 'Rust'],
  [/cfnetwork/i, 'Apple'],
  [/dart/i, 'Dart'],
  [/\bedg(?:e|a|ios)?\//i, 'Edge'],
  [/\b(?:firefox|fxios)\//i, 'Firefox'],
  [/\b(?:chrome|crios|chromium)\//i, 'Chrome'],
  [/\bsafari\//i, 'Safari'],
];

const MAX_LENGTH = 256;

/** What kind of program sends this; null for one that is not known. Nothing else of the header comes out. */
export function userAgentFamily(header: string | undefined): string | null {
  if (header === undefined || header === '') return null;
  const text = header.slice(0, MAX_LENGTH);
  return families.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
