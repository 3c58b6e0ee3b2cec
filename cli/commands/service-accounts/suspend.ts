import { defineCommand } from '../../command.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from '../keys/key-flags.ts';
import { textOfAccount } from './account-output.ts';

export const command = defineCommand({
  name: 'service-accounts suspend',
  summary: 'Stops a service account: its keys are refused until it is resumed',
  operands: ['ID'],
  flags: jsonFlag,
  run: ({ json }, io, [id = '']) =>
    withOperator(io, 'service-accounts suspend', async (operator) =>
      textOfAccount(await operator.suspendAccount(id), json === true),
    ),
});
