import { CodedError } from '#contract/errors.ts';
import type { Permissions } from '#contract/permissions/grant.ts';
import { noPermissions } from '#contract/permissions/scope.ts';

/**
 * What somebody may do; nothing where that cannot be told. What an organization wrote may be too much at once: that is
 * no outage of identity, and no way in either.
 */
export function orNone(read: () => Permissions): Permissions {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodedError && error.code === 'PERMISSIONS_TOO_COMPLEX') {
      return noPermissions;
    }
    throw error;
  }
}
