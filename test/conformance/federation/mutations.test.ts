import t from 'tap';
import { mutations } from './cases/mutations.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, mutations);
