import t from 'tap';
import { shareable } from './cases/shareable.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, shareable);
