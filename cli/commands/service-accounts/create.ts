import { accountRoles } from '#subgraphs/identity/service-accounts/service-account-record.ts';
import { defineCommand } from '../../command.ts';
import { UsageMistake } from '../../usage-mistake.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from '../keys/key-flags.ts';
import { textOfAccount } from './account-output.ts';

const roles = Object.keys(accountRoles) as (keyof typeof accountRoles)[];

export const command = defineCommand({
  name: 'service-accounts create',
  summary: 'Makes a service account',
  operands: ['NAME'],
  flags: {
    as: { type: 'string', value: 'E-MAIL', description: 'the person in whose name it is made' },
    organization: {
      type: 'string',
      value: 'ID',
      description: 'the organization that owns it; the person’s own when left out',
    },
    role: {
      type: 'string',
      value: 'ROLE',
      description: 'the most that its keys may do: admin, member or read_only',
      default: 'member',
    },
    description: { type: 'string', value: 'TEXT', description: 'what it is for' },
    ...jsonFlag,
  },
  run: (flags, io, [name = '']) =>
    withOperator(io, 'service-accounts create', async (operator) => {
      const { as: email, organization, description, json } = flags;
      if (email === undefined) throw new UsageMistake('say in whose name: --as E-MAIL');
      const role = roles.find((each) => each === flags.role.toUpperCase());
      if (role === undefined) throw new UsageMistake('--role is admin, member or read_only');
      const input = { name, role, description };
      const account = await operator.createAccount({ email, organization }, input);
      return textOfAccount(account, json === true);
    }),
});
