/** Does one task of the bench in a process of its own, whose peak of memory is the task's: `child.ts <task> <json>`. */
import { TASKS } from './tasks.ts';

const [name = '', given = '{}'] = process.argv.slice(2);
const task = new Map(Object.entries(TASKS)).get(name);
if (task === undefined) throw new RangeError(`no task is named ${name}`);
process.stdout.write(`${JSON.stringify(await task(JSON.parse(given)))}\n`);
