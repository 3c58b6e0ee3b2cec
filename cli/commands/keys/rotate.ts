import { defineCommand } from '../../command.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from './key-flags.ts';
import { textOfNew } from './key-output.ts';

export const command = defineCommand({
  name: 'keys rotate',
  summary: 'Gives an API key another text, which is shown once',
  operands: ['ID'],
  flags: {
    overlap: {
      type: 'string',
      value: 'HOW-LONG',
      description: 'how long the text until now goes on working, from 0 to 7d',
      default: '1h',
    },
    ...jsonFlag,
  },
  run: ({ overlap, json }, io, [id = '']) =>
    withOperator(io, 'keys rotate', async (operator) =>
      textOfNew(await operator.rotate(id, overlap), json === true),
    ),
});
