import t from 'tap';
import { interfaceObject } from './cases/interface-object.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, interfaceObject);
