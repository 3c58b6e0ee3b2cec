import t from 'tap';
import { requires } from './cases/requires.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, requires);
