import t from 'tap';
import { provides } from './cases/provides.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, provides);
