import { type Static, Type } from 'typebox';
import type { Key, NewKey } from '../kit/keys.ts';

const scopes = ['read:all', 'write:all', 'admin', 'app:access'] as const;
const time = { format: 'date-time' };

export const newKeySchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    scopes: Type.Array(Type.Enum([...scopes]), { minItems: 1, uniqueItems: true }),
    expires_at: Type.Optional(
      Type.Union([Type.String(time), Type.Null()], {
        description: 'When it ends, null for never; what the organization usually does if left out',
      }),
    ),
  },
  { additionalProperties: false },
);

const names = {
  id: Type.Integer({ description: 'Names the key and opens nothing' }),
  name: Type.String(),
};
const keyFields = {
  key_prefix: Type.String({ description: 'The first characters of the key' }),
  scopes: Type.Array(Type.String()),
  expires_at: Type.Union([Type.String(time), Type.Null()]),
  created_at: Type.String(time),
};
export const keySchema = Type.Object({ ...names, ...keyFields });
export const madeKeySchema = Type.Object({
  ...names,
  key: Type.String({ description: 'The key itself, which is shown nowhere else' }),
  ...keyFields,
});

/** The number of a key; beyond 32 bits there is none. */
export const keyId = Type.Integer({ minimum: 1 });

export function newKeyOf({ name, scopes, expires_at }: Static<typeof newKeySchema>): NewKey {
  if (expires_at === undefined) return { name, scopes };
  if (expires_at === null) return { name, scopes, expiresIn: 'never' };
  return { name, scopes, expiresAt: expires_at };
}

export function keyOf({ number, name, prefix, scopes, expiresAt, createdAt }: Key) {
  return {
    id: number,
    name,
    key_prefix: prefix,
    scopes,
    expires_at: expiresAt === null ? null : toSeconds(expiresAt),
    created_at: toSeconds(createdAt),
  };
}

/** Clients of Fiberwise know times without fractions. */
function toSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
