import { randomBytes } from 'node:crypto';
import { encodeBase62 } from '#contract/base62.ts';
import { CodedError } from '#contract/errors.ts';

const MAX_LENGTH = 60;

/** Words that stand for something else in an address, or speak in the name of the house. */
const reserved: ReadonlySet<string> = new Set(
  `about account accounts admin administrator api app apps assets auth billing blog castellan contact default
   docs documentation graphiql graphql health help home identity internal introspect invitation invitations
   keys legal login logout me members metrics new null official org organization organizations owner password
   pricing privacy profile project projects public register root search security service session sessions
   settings setup sign-in sign-out sign-up signin signout signup space spaces static status support system
   team teams terms tokens undefined user users viewer well-known www`.split(/\s+/),
);

/**
 * The short name of an organization: ASCII alone, so that none looks like another.
 * @throws CodedError BAD_USER_INPUT
 */
export function readSlug(text: string): string {
  const mistake = whyNoSlug(text);
  if (mistake === null) return text;
  throw new CodedError('BAD_USER_INPUT', mistake, { extensions: { argument: 'slug' } });
}

function whyNoSlug(text: string): string | null {
  if (text.length < 2 || text.length > MAX_LENGTH || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(text)) {
    return `The slug must be 2 to ${MAX_LENGTH} small letters and digits, with single hyphens between them`;
  }
  // Those of personal organizations are made, not chosen.
  if (reserved.has(text) || text.startsWith('personal-')) return 'The slug is reserved';
  return null;
}

/** A slug for a name, with an end that nobody else has. */
export function slugOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  const end = encodeBase62(randomBytes(8), 11).toLowerCase();
  return words === '' || words === 'personal' || words.startsWith('personal-')
    ? `org-${end}`
    : `${words}-${end}`;
}
