import t from 'tap';
import { keys } from './cases/keys.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, keys);
