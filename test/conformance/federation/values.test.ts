import t from 'tap';
import { valuesOfAllKinds } from './cases/values.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, valuesOfAllKinds);
