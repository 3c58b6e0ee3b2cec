import { CodedError } from '#contract/errors.ts';

/** What the HTML standard takes for an address, with a domain of at least two labels. */
const ADDRESS =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** RFC 5321 §4.5.3.1.3: a path, which is an address in angle brackets, has at most 256 octets. */
const MAX_LENGTH = 254;

/**
 * An e-mail address as accounts keep it: in lower case.
 * @throws CodedError BAD_USER_INPUT
 */
export function readEmailAddress(text: string): string {
  const address = text.trim().toLowerCase();
  if (address.length <= MAX_LENGTH && ADDRESS.test(address)) return address;
  throw new CodedError('BAD_USER_INPUT', 'This is not an e-mail address', {
    extensions: { argument: 'email' },
  });
}
