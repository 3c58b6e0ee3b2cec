import { defineCommand } from '../../command.ts';
import { UsageMistake } from '../../usage-mistake.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from './key-flags.ts';

export const command = defineCommand({
  name: 'keys revoke-all',
  summary: 'Ends all API keys of an owner, and what was made with them',
  flags: {
    owner: { type: 'string', value: 'E-MAIL', description: 'the person whose keys end' },
    organization: {
      type: 'string',
      value: 'ID',
      description: 'the organization that the person has them in; their own when left out',
    },
    'service-account': { type: 'string', value: 'ID', description: 'or the service account' },
    ...jsonFlag,
  },
  run: (flags, io) =>
    withOperator(io, 'keys revoke-all', async (operator) => {
      const { owner: email, organization, 'service-account': serviceAccountId, json } = flags;
      if ((email === undefined) === (serviceAccountId === undefined)) {
        throw new UsageMistake('say whose: --owner E-MAIL or --service-account ID');
      }
      const owner =
        email === undefined
          ? { serviceAccountId: serviceAccountId ?? '' }
          : { email, organization };
      const count = await operator.revokeAll(owner);
      return json === true ? `${JSON.stringify({ count })}\n` : `Revoked  ${count}\n`;
    }),
});
