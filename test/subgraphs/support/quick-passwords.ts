import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { PasswordHashing } from '#subgraphs/identity/sessions/password-hashing.ts';

/** scrypt at its lowest cost, for tests with many people that are not about passwords. */
export const quickPasswords: PasswordHashing = {
  async hash(password) {
    const salt = randomBytes(16).toString('hex');
    return `${salt}:${derive(password, salt).toString('hex')}`;
  },
  async verify({ hash, password }) {
    const [salt = '', key = ''] = hash.split(':');
    return timingSafeEqual(derive(password, salt), Buffer.from(key, 'hex'));
  },
};

function derive(password: string, salt: string): Buffer {
  return scryptSync(password, salt, 32, { N: 2, r: 1 });
}
