import { anonymousCaller, type Caller } from '../../contract/caller.ts';
import { systemClock } from '../../contract/clock.ts';
import { permissionsOf } from '../../contract/permissions/scope.ts';
import { createSigningKey, readSigningKeys } from '../../contract/signing-keys.ts';
import { ClaimsMinter } from '../../plugins/auth/claims-minter.ts';
import { createClaimsVerifier } from '../../subgraphs/kit/index.ts';

const AUDIENCE = 'products';
/** Signing and checking run beside each other, as they do for the requests of a gateway. */
const AT_ONCE = 64;

/**
 * How many claims one process mints and verifies in a second, and microseconds of CPU for each: for callers that it
 * sees for the first time, and for those whose token it remembers.
 */
export async function claimsRates(count: number) {
  const keys = readSigningKeys(createSigningKey());
  const issuer = 'castellan';
  const minter = new ClaimsMinter({ keys, issuer, clock: systemClock, lifeSeconds: 30 });
  const verifier = createClaimsVerifier({
    audience: AUDIENCE,
    keys: { keys: [...keys.publicSet.keys] },
    issuer,
  });
  const callers = Array.from({ length: count }, (_, index) => callerWith(index));
  const tokens: string[] = [];
  const mint = async (caller: Caller) => {
    tokens.push(await minter.tokenFor(caller, AUDIENCE));
  };
  const verify = async (token: string) => void (await verifier.verify(token));
  // The first ones pay for what is compiled and read once.
  const warmUp = Array.from({ length: 500 }, (_, index) => callerWith(count + index));
  await rate(warmUp, mint);
  await rate(tokens.splice(0), verify);

  const minted = await rate(callers, mint);
  const verified = await rate(tokens, verify);
  const again = tokens.slice(-1_000);
  return {
    minted,
    mintedAgain: await rate(repeated(callers.slice(-1_000), count), async (caller) => {
      await minter.tokenFor(caller, AUDIENCE);
    }),
    verified,
    verifiedAgain: await rate(repeated(again, count), verify),
  };
}

function callerWith(index: number): Caller {
  return Object.freeze({
    ...anonymousCaller,
    kind: 'key',
    subject: `user_${index}`,
    organization: 'org_1',
    project: 'project_1',
    environment: 'environment_1',
    credentialId: `key_${index}`,
    permissions: permissionsOf(['read:all', 'write:all']),
  });
}

function repeated<T>(items: readonly T[], count: number): readonly T[] {
  return Array.from({ length: Math.ceil(count / items.length) }, () => items).flat();
}

async function rate<T>(items: readonly T[], work: (item: T) => Promise<void>) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  let next = 0;
  const go = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, go));
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: Math.round(items.length / seconds),
    cpuMicros: Number(((user + system) / items.length).toFixed(1)),
  };
}
