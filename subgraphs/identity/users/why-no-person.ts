import { whyNoName } from '../readable-name.ts';

/** RFC 5321 §4.5.3.1.3: a path, which is an address in angle brackets, has at most 256 octets. */
const MAX_EMAIL_BYTES = 254;
const MAX_IMAGE_LENGTH = 2048;

export interface NewPerson {
  readonly name: string;
  readonly email: string;
  readonly image?: string | null | undefined;
}

/** What a person may not be made with; null when all is well. better-auth has looked at the address's form. */
export function whyNoPerson({ name, email, image }: NewPerson): string | null {
  if (Buffer.byteLength(email) > MAX_EMAIL_BYTES) {
    return `The e-mail address must have at most ${MAX_EMAIL_BYTES} bytes`;
  }
  if (image !== undefined && image !== null && !isImageAddress(image)) {
    return `The image must be an https URL of at most ${MAX_IMAGE_LENGTH} characters`;
  }
  return whyNoName(name);
}

function isImageAddress(text: string): boolean {
  return (
    text.length <= MAX_IMAGE_LENGTH && URL.canParse(text) && new URL(text).protocol === 'https:'
  );
}
