/**
 * A package that only `bench/package.json` names, seen as far as `Used` describes it.
 *
 * It is not there until `npm run bench` has installed it, so neither the type checker nor the walls may look
 * for it: hence a name that they cannot follow.
 */
export async function peer<Used>(name: string): Promise<Used> {
  const loaded: unknown = await import(name);
  return loaded as Used; // What the caller says of a package that cannot be looked at here.
}
