import { defineCommand } from '../../command.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from './key-flags.ts';
import { textOfKey } from './key-output.ts';

export const command = defineCommand({
  name: 'keys show',
  summary: 'Shows what is known of an API key',
  operands: ['ID'],
  flags: jsonFlag,
  run: ({ json }, io, [id = '']) =>
    withOperator(io, 'keys show', async (operator) =>
      textOfKey(await operator.show(id), json === true),
    ),
});
