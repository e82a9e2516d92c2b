/** Every other shell command of the documents runs as it is shown. */
import { isFirst, testCommands } from './shown_commands.js';

testCommands((path, command) => !isFirst(path, command));
