import { type Static, Type } from 'typebox';
import { readOptions } from '#contract/options.ts';
import { keySettings } from './api-keys/key-settings.ts';
import { careSettings } from './key-care/care-settings.ts';

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

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
    : T;
