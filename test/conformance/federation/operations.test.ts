import t from 'tap';
import { carelessSubgraphs } from './cases/careless-subgraphs.ts';
import { conditions } from './cases/conditions.ts';
import { introspection } from './cases/introspection.ts';
import { mutations } from './cases/mutations.ts';
import { nullsAndErrors } from './cases/nulls-and-errors.ts';
import { valuesOfAllKinds } from './cases/values.ts';
import { variables } from './cases/variables.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, conditions);
await runGraphs(t, variables);
await runGraphs(t, valuesOfAllKinds);
await runGraphs(t, introspection);
await runGraphs(t, mutations);
await runGraphs(t, nullsAndErrors);
await runGraphs(t, carelessSubgraphs);
