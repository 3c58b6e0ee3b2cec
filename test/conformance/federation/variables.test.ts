import t from 'tap';
import { variables } from './cases/variables.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, variables);
