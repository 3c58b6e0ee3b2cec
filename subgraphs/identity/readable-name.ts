import { CodedError } from '#contract/errors.ts';

const MAX_LENGTH = 100;

/** Why a text is no name that can be shown to others; null when it is one. Spaces around it do not count. */
export function whyNoName(text: string): string | null {
  const name = text.trim();
  if (name === '') return 'The name must not be empty';
  if ([...name].length > MAX_LENGTH) return `The name must have at most ${MAX_LENGTH} characters`;
  // Control characters, line separators, and the marks that let a text pass for another one.
  if (/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(name)) {
    return 'The name must not contain control characters';
  }
  return null;
}

/**
 * A text as a name, without the spaces around it.
 * @throws CodedError BAD_USER_INPUT
 */
export function readName(text: string): string {
  const mistake = whyNoName(text);
  if (mistake === null) return text.trim();
  throw new CodedError('BAD_USER_INPUT', mistake, { extensions: { argument: 'name' } });
}
