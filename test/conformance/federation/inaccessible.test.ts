import t from 'tap';
import { inaccessible } from './cases/inaccessible.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, inaccessible);
