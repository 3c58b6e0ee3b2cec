import t from 'tap';
import { introspection } from './cases/introspection.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, introspection);
