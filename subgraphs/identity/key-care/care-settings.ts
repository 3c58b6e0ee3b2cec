import { type Static, Type } from 'typebox';
import { FOREIGN_PREFIX_PATTERN } from '#contract/foreign-key.ts';

const section = { additionalProperties: false, default: {} };

/** What a deployment says of keys while they live: `identity = defineIdentity({ leaks: { response: 'revoke' } })`. */
export const careSettings = {
  keyUsage: Type.Object(
    {
      retentionDays: Type.Integer({
        minimum: 1,
        maximum: 3_660,
        default: 90,
        description: 'For how many days it is kept how often each key was used',
      }),
      disableUnusedDays: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 3_660,
          description:
            'After how many days without use a key is disabled; never when left out. An organization may only shorten it',
        }),
      ),
    },
    section,
  ),
  keyExpiry: Type.Object(
    {
      warnDays: Type.Array(Type.Integer({ minimum: 1, maximum: 365 }), {
        maxItems: 10,
        uniqueItems: true,
        default: [7, 1],
        description: 'How many days before the end of a key its log says so, once for each',
      }),
    },
    section,
  ),
  keyNotices: Type.Object(
    {
      mail: Type.Boolean({
        default: true,
        description:
          'Whether owners are told by mail that a key ends soon (`keyExpiry.warnDays`) or was disabled, where mail can be sent',
      }),
    },
    section,
  ),
  leaks: Type.Object(
    {
      response: Type.Union(
        [Type.Literal('notify'), Type.Literal('quarantine'), Type.Literal('revoke')],
        {
          default: 'quarantine',
          description:
            'What happens to a key that somebody found; an organization may only choose a stricter one',
        },
      ),
      reportsPerMinute: Type.Integer({
        minimum: 1,
        maximum: 10_000,
        default: 30,
        description: 'How many reports of found keys one address may send in a minute',
      }),
    },
    section,
  ),
  keyImport: Type.Object(
    {
      prefixes: Type.Array(Type.String({ pattern: FOREIGN_PREFIX_PATTERN }), {
        maxItems: 20,
        uniqueItems: true,
        default: [],
        description:
          'What keys of other systems begin with that may be imported; gateways are given the same as `foreignKeyPrefixes`',
      }),
    },
    section,
  ),
};

const schema = Type.Object(careSettings);

export type CareSettings = Readonly<Static<typeof schema>>;
