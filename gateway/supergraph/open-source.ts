import { createFileSource } from './file-source.ts';
import type { SupergraphSource } from './supergraph-source.ts';
import { createUrlSource, type UrlSourceOptions } from './url-source.ts';

/** The source that `--supergraph` names: an http or https URL, or else a file. */
export function openSource(
  name: string,
  options: UrlSourceOptions,
  findFile: (name: string) => string,
): SupergraphSource {
  return /^https?:\/\//i.test(name)
    ? createUrlSource(name, options)
    : createFileSource(findFile(name));
}
