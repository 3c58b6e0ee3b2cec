import { ask, canonical } from './answers.ts';
import { type Gateway, type RunningGateway, running, type Setup } from './gateways/gateway.ts';
import type { Candidate } from './measure.ts';
import { startModule } from './processes.ts';

/**
 * Starts a gateway and sees that it answers the operation rightly, twice: with a new plan and with a known one.
 * @throws Error saying why there is nothing to measure
 */
export async function startCandidate(
  gateway: Gateway,
  setup: Setup,
  query: string,
): Promise<Candidate> {
  const up = await start(gateway, setup);
  try {
    const body = JSON.stringify({ query });
    await ask(up.url, body, up.headers);
    const answer = await ask(up.url, body, up.headers);
    if (canonical(answer) !== canonical(setup.answer)) {
      throw new Error(`another answer than the right one: ${answer.slice(0, 200)}`);
    }
    return { gateway: up, body, answer };
  } catch (error) {
    await up.stop();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason} ${up.output()}`.trim(), { cause: error });
  }
}

async function start(gateway: Gateway, setup: Setup): Promise<RunningGateway> {
  if (gateway.start !== undefined) return gateway.start(setup);
  const process = startModule(import.meta.resolve('./gateways/serve-gateway.ts'), [gateway.name]);
  const { url } = (await process.ask(setup)) as { url: string }; // What serve-gateway.ts sends.
  return running(process, url);
}
