import type { BundleEntries } from './build-bundle.ts';
import type { GraphiqlOptions } from './options.ts';

/** Where the files of the bundle are, below the page's own path. */
export const ASSETS = 'assets';

/**
 * What the page may do: run our scripts and talk to this origin. Monaco, the editor, sets styles from
 * script and has its icons in data URLs, so those two are allowed.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The HTML of the page. Every value in it is a checked path or a name that the bundler gave. */
export function pageHtml({ path, endpoint }: GraphiqlOptions, entries: BundleEntries): string {
  const asset = (name: string) => `${path}/${ASSETS}/${name}`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>GraphiQL · Castellan</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${asset(entries.style)}">
  </head>
  <body>
    <div
      id="graphiql"
      data-endpoint="${endpoint}"
      data-editor-worker="${asset(entries.editorWorker)}"
      data-json-worker="${asset(entries.jsonWorker)}"
      data-graphql-worker="${asset(entries.graphqlWorker)}"
    ></div>
    <noscript>GraphiQL needs JavaScript.</noscript>
    <script type="module" src="${asset(entries.script)}"></script>
  </body>
</html>
`;
}
