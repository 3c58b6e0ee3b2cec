import t from 'tap';
import { context } from './cases/context.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, context);
