import type { Mail } from '../mail/mailer.ts';
import { withoutLinks } from '../mail/without-links.ts';
import type { KeyNotice } from './key-notices.ts';

/** What one person is told of some keys of one owner, all for the same reason. */
export interface KeyLetter {
  readonly to: string;
  readonly brand: string;
  readonly notices: readonly [KeyNotice, ...KeyNotice[]];
}

/** A mail names so many; of the others it says how many they are. */
const MAX_NAMED = 50;

/** The mail that says of keys that they end soon, or were disabled. Of a key's text it holds what lists show. */
export function keyMail({ to, brand, notices }: KeyLetter): Mail {
  const [first] = notices;
  const isExpiry = first.about === 'expiry';
  const what = notices.length > 1 ? `${notices.length} API keys` : `the API key "${nameOf(first)}"`;
  const happens = isExpiry
    ? `${notices.length > 1 ? 'end' : 'ends'} soon`
    : `${notices.length > 1 ? 'were' : 'was'} disabled`;
  return {
    kind: isExpiry ? 'key-expiry' : 'key-disuse',
    to,
    subject: `${brand}: ${what} ${happens}`,
    text: [...(isExpiry ? expiry(notices) : disuse(notices)), ''].join('\n'),
  };
}

function expiry(notices: KeyLetter['notices']): readonly string[] {
  return [
    `${intro(notices)} will be refused soon:`,
    '',
    ...lines(notices, (at) => `ends at ${at}`),
    '',
    'If one is still needed, give it a later end before, or make another one and put that in its place:',
    '',
    `  mutation { updateAPIKey(id: "${notices[0].key_id}", input: { expiresIn: "30d" }) { expiresAt } }`,
    '',
    'If nobody needs it, there is nothing to do.',
  ];
}

function disuse(notices: KeyLetter['notices']): readonly string[] {
  return [
    `${intro(notices)} had not been used for long, and will be refused from now on:`,
    '',
    ...lines(notices, (at) => `disabled at ${at}`),
    '',
    'If one is still needed, let it in again; its days begin anew then:',
    '',
    `  mutation { enableAPIKey(id: "${notices[0].key_id}") { status } }`,
    '',
    'What nobody needs is better revoked.',
  ];
}

function intro(notices: KeyLetter['notices']): string {
  const [first] = notices;
  const isOne = notices.length === 1;
  const keys = isOne ? 'API key' : 'API keys';
  const whose =
    first.owner_kind === 'user'
      ? `Your ${keys}`
      : `${isOne ? 'An' : 'Some'} ${keys} of a service account`;
  const where = withoutLinks(first.organization ?? '', '') || first.organization_id;
  return `${whose} in the organization "${where}"`;
}

function lines(notices: KeyLetter['notices'], when: (at: string) => string): readonly string[] {
  const named = notices.slice(0, MAX_NAMED).map((notice) => {
    const at = new Date(notice.at).toISOString();
    return `  "${nameOf(notice)}" (${notice.prefix}…, ${notice.key_id}) ${when(at)}`;
  });
  const others = notices.length - named.length;
  return others === 0 ? named : [...named, `  and ${others} more`];
}

/** A key is called as its owner likes: that may look like a link. */
function nameOf({ name, key_id: id }: KeyNotice): string {
  return withoutLinks(name, id);
}
