import { type Static, Type } from 'typebox';
import { DEFAULT_BRAND } from '#contract/api-key.ts';

const DURATION = '^[1-9][0-9]{0,4}[hdwmy]$';

/** What a deployment says of API keys: `identity = defineIdentity({ keys: { brand: 'acme' } })`. */
export const keySettings = Type.Object(
  {
    brand: Type.String({
      pattern: '^[a-z0-9]{1,16}$',
      default: DEFAULT_BRAND,
      description: 'What new keys begin with. Keys of another brand go on working',
    }),
    maxPersonalKeys: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 5,
      description:
        'How many live keys a person may have in an organization that does not say otherwise',
    }),
    maxServiceAccountKeys: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20,
      description:
        'How many live keys a service account may have in an organization that does not say otherwise',
    }),
    mostKeysOfAnyOwner: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 1_000,
      description: 'The most that an organization may say instead of these two',
    }),
    maxServiceAccounts: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 100,
      description: 'How many service accounts an organization may have',
    }),
    defaultExpiresIn: Type.Optional(
      Type.String({
        pattern: DURATION,
        description: 'How long a key lives when nothing is asked for; for ever when left out',
      }),
    ),
    maxExpiresIn: Type.Optional(
      Type.String({
        pattern: DURATION,
        description: 'The longest that a key may live; an organization may only shorten it',
      }),
    ),
    allowNever: Type.Boolean({
      default: true,
      description: 'Whether a key may be without an end; an organization may only forbid it',
    }),
  },
  { additionalProperties: false, default: {} },
);

export type KeySettings = Readonly<Static<typeof keySettings>>;
