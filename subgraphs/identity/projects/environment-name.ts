import { CodedError } from '#contract/errors.ts';

/** The environment that every project has, and that is neither renamed nor deleted. */
export const FIRST_ENVIRONMENT = 'master';

/**
 * The name of an environment, which is part of addresses.
 * @throws CodedError BAD_USER_INPUT
 */
export function readEnvironmentName(text: string): string {
  if (/^[a-z][a-z0-9-]{0,49}$/.test(text)) return text;
  throw new CodedError(
    'BAD_USER_INPUT',
    'The name must be 1 to 50 small letters, digits and hyphens, and begin with a letter',
    { extensions: { argument: 'name' } },
  );
}
