import t from 'tap';
import { directives } from './cases/directives.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, directives);
