import t from 'tap';
import { intersections } from './cases/intersections.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, intersections);
