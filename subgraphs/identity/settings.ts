import { type Static, Type } from 'typebox';
import { readOptions } from '#contract/options.ts';
import { keySettings } from './api-keys/key-settings.ts';
import { careSettings } from './key-care/care-settings.ts';

const section = { additionalProperties: false, default: {} };

const oidcProvider = Type.Object(
  {
    id: Type.String({
      pattern: '^(?!credential$)[a-z0-9-]{1,32}$',
      description: 'The name of the provider in addresses: /api/auth/callback/ID',
    }),
    issuer: Type.String({
      pattern: '^https?://[^?#\\s]+$',
      description:
        'Its issuer, from which everything else is discovered; http only on this machine',
    }),
    clientId: Type.String({ minLength: 1, description: 'What the provider calls this service' }),
    clientSecretVariable: Type.Optional(
      Type.String({
        pattern: '^[A-Z][A-Z0-9_]*$',
        description: 'The environment variable that holds the secret; without it a public client',
      }),
    ),
    scopes: Type.Array(Type.String({ pattern: '^[!#-\\[\\]-~]+$' }), {
      default: ['openid', 'email', 'profile'],
      description: 'What is asked for',
    }),
    allowSignUp: Type.Boolean({
      default: true,
      description: 'Whether people without an account get one, where `signUp.policy` allows it',
    }),
    linkByEmail: Type.Boolean({
      default: false,
      description:
        'Whether it opens an account that has the same address, where both sides have verified it',
    }),
  },
  { additionalProperties: false },
);

/** A provider of OpenID Connect, as castellan.config.ts names it. */
export type OidcProviderSettings = Static<typeof oidcProvider>;

const settingsSchema = Type.Object(
  {
    passwords: Type.Object(
      {
        minLength: Type.Integer({
          minimum: 8,
          maximum: 64,
          default: 15,
          description: 'Characters of a password (NIST SP 800-63B: 15 where it is the only factor)',
        }),
      },
      section,
    ),
    keys: keySettings,
    audit: Type.Object(
      {
        sealSeconds: Type.Integer({
          minimum: 1,
          maximum: 86_400,
          default: 10,
          description:
            'How long a row of the audit log may wait for its hash and a signed checkpoint',
        }),
      },
      section,
    ),
    organizations: Type.Object(
      {
        maxOwned: Type.Integer({
          minimum: 1,
          maximum: 10_000,
          default: 20,
          description: 'Organizations that one person may own, the personal one included',
        }),
        maxMembers: Type.Integer({
          minimum: 1,
          maximum: 100_000,
          default: 1000,
          description: 'Members of one organization',
        }),
        maxProjects: Type.Integer({
          minimum: 1,
          maximum: 10_000,
          default: 100,
          description: 'Projects of one organization',
        }),
        maxEnvironments: Type.Integer({
          minimum: 1,
          maximum: 1000,
          default: 20,
          description: 'Environments of one project',
        }),
      },
      section,
    ),
    invitations: Type.Object(
      {
        lifeHours: Type.Integer({
          minimum: 1,
          maximum: 24 * 90,
          default: 24 * 7,
          description: 'How long an invitation can be accepted',
        }),
        maxPending: Type.Integer({
          minimum: 1,
          maximum: 10_000,
          default: 100,
          description: 'Unanswered invitations of one organization',
        }),
        maxPerDay: Type.Integer({
          minimum: 1,
          maximum: 10_000,
          default: 50,
          description: 'Mails in 24 hours from one organization, and from one person',
        }),
        maxPerAddress: Type.Integer({
          minimum: 1,
          maximum: 100,
          default: 5,
          description: 'Mails in 24 hours to one address, whoever sends them',
        }),
        acceptUrl: Type.Optional(
          Type.String({
            pattern: '^https?://',
            description:
              'The page where an invitation is accepted; the token follows as the fragment. Without it the mail tells of the mutation',
          }),
        ),
      },
      section,
    ),
    signUp: Type.Object(
      {
        policy: Type.Optional(
          Type.Union([Type.Literal('open'), Type.Literal('invited'), Type.Literal('closed')], {
            description:
              'Who may make an account: everybody, whoever has an open invitation, or nobody. Without it `open` on a developer’s machine and `closed` in production',
          }),
        ),
        verifyEmail: Type.Optional(
          Type.Boolean({
            description:
              'Whether an address has to be verified before the first sign-in. Without it only in production. Where it is on, nobody can find out by signing up whether an address has an account',
          }),
        ),
      },
      section,
    ),
    sessions: Type.Object(
      {
        idleMinutes: Type.Integer({
          minimum: 5,
          maximum: 366 * 24 * 60,
          default: 7 * 24 * 60,
          description: 'A session that is not used for so long ends',
        }),
        absoluteHours: Type.Integer({
          minimum: 1,
          maximum: 366 * 24,
          default: 30 * 24,
          description: 'A session ends so long after its sign-in, however much it is used',
        }),
        openedByKeys: Type.Union(
          [Type.Literal('never'), Type.Literal('independent'), Type.Literal('end-with-key')],
          {
            default: 'never',
            description:
              'Whether an API key of an administrator, bound to nothing and with every right, opens a session; and whether that ends when the key does',
          },
        ),
        trustedOrigins: Type.Array(Type.String({ pattern: '^https?://[^/?#\\s*]+$' }), {
          maxItems: 100,
          default: [],
          description:
            'Origins of apps, such as https://app.example.com, that may sign people in and be returned to',
        }),
      },
      section,
    ),
    mail: Type.Object(
      {
        requireTls: Type.Boolean({
          default: true,
          description: 'Refuses a mail server that does not encrypt, unless it is on this machine',
        }),
        brand: Type.String({
          minLength: 1,
          maxLength: 60,
          pattern: '^[^\\u0000-\\u001f\\u007f<>]+$',
          default: 'Castellan',
          description:
            'What mails and authenticator apps call this service; no password may be made of it',
        }),
        verifyEmailUrl: Type.Optional(
          Type.String({
            pattern: '^https?://\\S+$',
            description:
              'The page of an app that a verification link opens, with `?token=`; without it identity answers itself',
          }),
        ),
        resetPasswordUrl: Type.Optional(
          Type.String({
            pattern: '^https?://\\S+$',
            description:
              'The page of an app that a reset link opens, with `?token=`; without it the mail holds the token alone',
          }),
        ),
      },
      section,
    ),
    twoFactor: Type.Object(
      {
        trustDeviceDays: Type.Integer({
          minimum: 0,
          maximum: 90,
          default: 30,
          description: 'How long a trusted browser is not asked for a code; 0: it is always asked',
        }),
      },
      section,
    ),
    oidc: Type.Object(
      {
        providers: Type.Array(oidcProvider, {
          maxItems: 20,
          default: [],
          description: 'OpenID Connect providers that people may sign in with',
        }),
      },
      section,
    ),
    ...careSettings,
  },
  { additionalProperties: false },
);

/** How an identity service behaves; each setting has a default. */
export type IdentitySettings = Readonly<Static<typeof settingsSchema>>;

/**
 * Checks and completes what castellan.config.ts exports as `identity`.
 * @throws CodedError CONFIGURATION_INVALID naming the path of the first mistake
 *
 * @example
 * export const identity = defineIdentity({ passwords: { minLength: 12 } });
 */
export function defineIdentity(settings: DeepPartial<IdentitySettings> = {}): IdentitySettings {
  return readOptions(settingsSchema, settings, 'castellan.config.ts: identity');
}

type DeepPartial<T> = T extends readonly (infer Item)[]
  ? readonly DeepPartial<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
    : T;
