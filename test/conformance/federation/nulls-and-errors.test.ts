import t from 'tap';
import { nullsAndErrors } from './cases/nulls-and-errors.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, nullsAndErrors);
