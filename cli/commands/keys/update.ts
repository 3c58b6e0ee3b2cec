import { defineCommand } from '../../command.ts';
import { UsageMistake } from '../../usage-mistake.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag, keyFlags, readKeyFlags } from './key-flags.ts';
import { textOfKey } from './key-output.ts';

export const command = defineCommand({
  name: 'keys update',
  summary: 'Changes what an API key is called, may do, where, and how long',
  operands: ['ID'],
  flags: {
    name: { type: 'string', value: 'NAME', description: 'what to call it' },
    ...keyFlags,
    ...jsonFlag,
  },
  run: (flags, io, [id = '']) =>
    withOperator(io, 'keys update', async (operator) => {
      const { name, json } = flags;
      const input = { ...(name !== undefined && { name }), ...readKeyFlags(flags) };
      if (Object.keys(input).length === 0) throw new UsageMistake('say what is to be different');
      return textOfKey(await operator.update(id, input), json === true);
    }),
});
