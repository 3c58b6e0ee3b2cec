import { type IdentityDatabase, timeOf } from '../database/tables.ts';

export type SignUpPolicy = 'open' | 'invited' | 'closed';

/** Whether an account may be made for this address now. */
export async function maySignUp(
  database: IdentityDatabase,
  policy: SignUpPolicy,
  email: string,
  now: number,
): Promise<boolean> {
  if (policy !== 'invited') return policy === 'open';
  const invitations = await database
    .selectFrom('invitation')
    .select('expiresAt')
    .where('email', '=', email.toLowerCase())
    .where('status', '=', 'pending')
    .execute();
  return invitations.some(({ expiresAt }) => timeOf(expiresAt) > now);
}
