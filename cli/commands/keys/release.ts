import { defineCommand } from '../../command.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from './key-flags.ts';
import { textOfKey } from './key-output.ts';

export const command = defineCommand({
  name: 'keys release',
  summary: 'Lets a disabled or quarantined API key in again',
  operands: ['ID'],
  flags: jsonFlag,
  run: ({ json }, io, [id = '']) =>
    withOperator(io, 'keys release', async (operator) =>
      textOfKey(await operator.release(id), json === true),
    ),
});
