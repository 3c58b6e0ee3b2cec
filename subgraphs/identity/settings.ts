import { type Static, Type } from 'typebox';
import { readOptions } from '#contract/options.ts';

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
