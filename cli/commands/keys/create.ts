import { defineCommand } from '../../command.ts';
import { UsageMistake } from '../../usage-mistake.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag, keyFlags, readKeyFlags } from './key-flags.ts';
import { textOfNew } from './key-output.ts';

export const command = defineCommand({
  name: 'keys create',
  summary: 'Makes an API key, which is shown once',
  operands: ['NAME'],
  flags: {
    as: { type: 'string', value: 'E-MAIL', description: 'the person whose key it is' },
    organization: {
      type: 'string',
      value: 'ID',
      description: 'the organization that the person has it in; their own when left out',
    },
    'service-account': {
      type: 'string',
      value: 'ID',
      description: 'the service account whose key it is, instead of --as',
    },
    ...keyFlags,
    ...jsonFlag,
  },
  run: (flags, io, [name = '']) =>
    withOperator(io, 'keys create', async (operator) => {
      const { as: email, organization, 'service-account': serviceAccountId, json } = flags;
      if ((email === undefined) === (serviceAccountId === undefined)) {
        throw new UsageMistake('say whose key it is: --as E-MAIL or --service-account ID');
      }
      const owner =
        email === undefined
          ? { serviceAccountId: serviceAccountId ?? '' }
          : { email, organization };
      const made = await operator.create(owner, { name, ...readKeyFlags(flags) });
      return textOfNew(made, json === true);
    }),
});
