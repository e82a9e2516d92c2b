/** Leaves an engine undisposed; `exit` ends the process while a network runs. */
import { createEngine } from '../../../engines/index.js';
import { graphBuilder } from '../../../graph/builder.js';
import { formulaNetwork } from '../../run_network.js';
import { ramp } from '../models.js';

const g = graphBuilder();
const wide = g.scope('wide').conv(g.input('input', 3), { out: 64, kernel: 3 });
const graph = g.finish([{ name: 'output', value: g.scope('narrow').conv(g.relu(wide), { out: 4, kernel: 3 }) }]);
const engine = await createEngine('tfjs', formulaNetwork(graph), { device: 'cpu' });
await engine.run({ input: ramp([1, 3, 8, 8]) });
if (process.argv[2] === 'exit') {
  engine.run({ input: ramp([1, 3, 512, 512]) });
  setTimeout(() => process.exit(7), 20);
}
console.log('done');
