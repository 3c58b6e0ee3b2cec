import t from 'tap';
import { override } from './cases/override.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, override);
