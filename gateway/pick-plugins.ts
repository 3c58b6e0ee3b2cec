import { CodedError } from '#contract/errors.ts';
import type { ConfiguredPlugin } from './configured-plugin.ts';

/**
 * Those plugins that a list names: names with commas between them, and spaces around them if one likes. Without a list
 * it is none of them. They come in the order in which they stand here, each once.
 * @param variable where the list comes from, for whoever has to correct it
 * @throws CodedError CONFIGURATION_INVALID for a name that is none of theirs
 *
 * @example
 * pickPlugins('CASTELLAN_DIALECTS', process.env.CASTELLAN_DIALECTS, [use(fibery), use(fiberwise)])
 */
export function pickPlugins(
  variable: string,
  list: string | undefined,
  plugins: readonly ConfiguredPlugin[],
): readonly ConfiguredPlugin[] {
  const names = (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.find((name) => plugins.every((plugin) => plugin.name !== name));
  if (unknown !== undefined) {
    const known = plugins.map(({ name }) => name).join(', ');
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `${variable}: there is no "${unknown}"; there are ${known}`,
    );
  }
  return plugins.filter(({ name }) => names.includes(name));
}
