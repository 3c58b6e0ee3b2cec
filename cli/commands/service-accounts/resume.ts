import { defineCommand } from '../../command.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from '../keys/key-flags.ts';
import { textOfAccount } from './account-output.ts';

export const command = defineCommand({
  name: 'service-accounts resume',
  summary: 'Lets a suspended service account go on',
  operands: ['ID'],
  flags: jsonFlag,
  run: ({ json }, io, [id = '']) =>
    withOperator(io, 'service-accounts resume', async (operator) =>
      textOfAccount(await operator.resumeAccount(id), json === true),
    ),
});
