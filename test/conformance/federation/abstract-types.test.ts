import t from 'tap';
import { abstractTypes } from './cases/abstract-types.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, abstractTypes);
