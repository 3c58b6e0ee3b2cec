import { defineCommand } from '../command.ts';
import { withIdentity } from '../open-identity.ts';

export const command = defineCommand({
  name: 'init',
  summary: 'Makes the first person: the owner, with a password and a key that are shown once',
  flags: {
    email: { type: 'string', value: 'E-MAIL', description: "the owner's address" },
  },
  async run({ email }, io) {
    if (email === undefined || !/^[^\s@]+@[^\s@]+$/.test(email)) {
      io.stderr.write('castellan: init: --email needs an e-mail address\n');
      return 2;
    }
    return withIdentity(io, async ({ identity, place }) => {
      const owner = await identity.seedOwner(email);
      if (owner === null) {
        io.stderr.write(`${place} has people already; init makes only the first one\n`);
        return 1;
      }
      io.stdout.write(`Owner  ${owner.email}  ${owner.password}\nAPI key  ${owner.apiKey}\n`);
      await owner.confirm();
      return 0;
    });
  },
});
