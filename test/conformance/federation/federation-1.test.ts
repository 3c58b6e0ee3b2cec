import t from 'tap';
import { federation1 } from './cases/federation-1.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, federation1);
