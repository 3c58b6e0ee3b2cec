import { defineCommand } from '../../command.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from '../keys/key-flags.ts';

export const command = defineCommand({
  name: 'service-accounts remove',
  summary: 'Removes a service account for good and revokes its keys',
  operands: ['ID'],
  flags: jsonFlag,
  run: ({ json }, io, [id = '']) =>
    withOperator(io, 'service-accounts remove', async (operator) => {
      const revokedKeys = await operator.removeAccount(id);
      return json === true
        ? `${JSON.stringify({ id, revokedKeys })}\n`
        : `Removed  ${id}\nRevoked keys  ${revokedKeys}\n`;
    }),
});
