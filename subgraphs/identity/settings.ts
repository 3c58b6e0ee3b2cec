import { type Static, Type } from 'typebox';
import { readOptions } from '#contract/options.ts';
import { keySettings } from './api-keys/key-settings.ts';

const section = { additionalProperties: false, default: {} };

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

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
    : T;
