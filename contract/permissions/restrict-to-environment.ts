import { areaOf } from './area.ts';
import type { Grant, Permissions } from './grant.ts';
import { conditionOf, makeGrant } from './make-grant.ts';
import { reduceGrants } from './normalize-grants.ts';
import { type CustomScopes, grantsOf } from './scope.ts';

/** Grants may name an environment by either; afterwards they name it by its id, as a caller does. */
export interface EnvironmentRef {
  readonly id: string;
  readonly name: string;
}

/**
 * What of permissions counts in one environment, or in none (null). Grants for other environments go; grants
 * for any stay as they are. Scopes that lose a grant lose their name, and so do those of which it is not known
 * what they stand for, when any grant goes.
 */
export function restrictToEnvironment(
  permissions: Permissions,
  environment: EnvironmentRef | null,
  customScopes?: CustomScopes,
): Permissions {
  const counts = ({ environments }: Grant): boolean =>
    environments === undefined ||
    (environment !== null &&
      (environments.includes(environment.id) || environments.includes(environment.name)));
  const grants = permissions.grants.filter(counts);
  const losesNone = grants.length === permissions.grants.length;
  const scopes = permissions.scopes.filter(
    (scope) => grantsOf(scope, customScopes)?.every(counts) ?? losesNone,
  );
  return Object.freeze({
    scopes: Object.freeze(scopes),
    grants: reduceGrants(
      grants.map((grant) =>
        grant.environments === undefined || environment === null
          ? grant
          : makeGrant({
              actions: grant.actions,
              area: areaOf(grant),
              environments: [environment.id],
              stages: grant.stages ?? null,
              locales: grant.locales ?? null,
              where: conditionOf(grant),
            }),
      ),
    ),
  });
}
