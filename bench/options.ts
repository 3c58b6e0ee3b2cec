import { parseArgs } from 'node:util';
import { gatewayNames, quickGatewayNames } from './gateways/index.ts';
import type { Effort } from './measure.ts';
import { type ScenarioName, scenarioNames } from './scenarios/operations.ts';
import type { SoakOptions } from './soak/soak.ts';

export interface Options {
  readonly quick: boolean;
  readonly gateways: readonly string[];
  readonly scenarios: readonly ScenarioName[];
  readonly effort: Effort;
  /** Whether everything is measured, at full length: then the README is written too. */
  readonly whole: boolean;
  /** The operation that the gateway is to be profiled on, instead of measured. */
  readonly profile: ScenarioName | undefined;
  /** How the gateway's steadiness is to be looked at, instead of measuring speed. */
  readonly soak: SoakOptions | undefined;
}

export const usage = `npm run bench -- [--quick] [--gateways ${gatewayNames.slice(0, 2).join(',')},…] [--scenarios ${scenarioNames.join(',')}] [--rounds N] [--seconds N]
  --quick      under a minute: ${quickGatewayNames.join(', ')}
  --gateways   of ${gatewayNames.join(', ')}
  --profile    SCENARIO: no comparison, but where the gateway's own time goes
  --soak       no comparison, but whether the memory of the gateway stays what it is, with
               --requests N (1000000) of --operations N (10000); code 1 when it grows
  --rounds     rounds of each gateway (4; quick: 2)
  --seconds    of one round (3; quick: 0.5)
`;

/** @throws TypeError naming the flag that cannot be understood */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      gateways: { type: 'string' },
      scenarios: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      profile: { type: 'string' },
      soak: { type: 'boolean', default: false },
      requests: { type: 'string' },
      operations: { type: 'string' },
    },
  });
  const { quick } = values;
  const [profiled] =
    values.profile === undefined ? [] : list('profile', values.profile, scenarioNames);
  return {
    quick,
    profile: profiled,
    soak: values.soak
      ? {
          requests: positive('requests', values.requests, 1_000_000),
          operations: positive('operations', values.operations, 10_000),
        }
      : undefined,
    gateways: list(
      'gateways',
      values.gateways,
      gatewayNames,
      quick ? quickGatewayNames : undefined,
    ),
    scenarios: list('scenarios', values.scenarios, scenarioNames),
    effort: {
      connections: 50,
      warmUpSeconds: quick ? 0.6 : 3,
      rounds: positive('rounds', values.rounds, quick ? 2 : 4),
      roundSeconds: positive('seconds', values.seconds, quick ? 0.5 : 3),
    },
    whole: !quick && values.gateways === undefined && values.scenarios === undefined,
  };
}

function list<Name extends string>(
  flag: string,
  value: string | undefined,
  known: readonly Name[],
  otherwise = known,
): readonly Name[] {
  if (value === undefined) return otherwise;
  return value.split(',').map((each) => {
    const name = known.find((one) => one === each);
    if (name === undefined)
      throw new TypeError(`--${flag}: "${each}" is none of ${known.join(', ')}`);
    return name;
  });
}

function positive(flag: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!(number > 0)) throw new TypeError(`--${flag} must be a number above 0, not "${value}"`);
  return number;
}
