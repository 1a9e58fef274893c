/** Runs the built handler of a function as Lambda would, in a process of its own: `handler-child.ts FILE EVENTS`. */
const [file = '', given = '[]'] = process.argv.slice(2);
const events: unknown[] = JSON.parse(given);

const start = performance.now();
const loaded: { handler: (event: unknown) => Promise<unknown> } = await import(file);
const importMs = performance.now() - start;
const runs: number[] = [];
const answers: unknown[] = [];
for (const event of events) {
  const begun = performance.now();
  answers.push(await loaded.handler(event));
  runs.push(performance.now() - begun);
}
const { user, system } = process.cpuUsage();
process.send?.({
  importMs,
  runs,
  answers,
  cpuMs: (user + system) / 1000,
  peakMiB: process.resourceUsage().maxRSS / 1024,
});
