import t from 'tap';
import { conditions } from './cases/conditions.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, conditions);
