import { defineCommand } from '../../command.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from './key-flags.ts';
import { textOfKey } from './key-output.ts';

export const command = defineCommand({
  name: 'keys revoke',
  summary: 'Ends an API key, and what was made with it',
  operands: ['ID'],
  flags: jsonFlag,
  run: ({ json }, io, [id = '']) =>
    withOperator(io, 'keys revoke', async (operator) =>
      textOfKey(await operator.revoke(id), json === true),
    ),
});
