import { play } from './play.ts';
import { storyOf, tell } from './story.ts';

const count = Number(process.argv[2] ?? 10),
  from = Number(process.argv[3] ?? 1);
const states = new Map<string, number>();
const breaks = new Map<string, number[]>();
let stopped = 0;
const t = performance.now();
for (let seed = from; seed < from + count; seed++) {
  const story = storyOf(seed);
  const p = await play(story);
  let s = false;
  for (const { fact } of p.entries)
    if (fact.kind === 'trail') {
      const k = `${fact.audit.from} -> ${fact.audit.to}`;
      if (fact.audit.from !== fact.audit.to) states.set(k, (states.get(k) ?? 0) + 1);
      if (fact.audit.to === 'STOPPED') s = true;
    }
  if (s) stopped++;
  for (const b of p.breaks) {
    const k = `${b.rule}: ${b.text.slice(0, 300)}`.replace(/arn:[^ ]*/g, 'X').replace(/U0[A-Z]+/g, 'U');
    breaks.set(k, [...(breaks.get(k) ?? []), seed]);
  }
  if (process.argv[4]) {
    for (const st of story.steps) console.log(tell(st));
    for (const e of p.entries)
      console.log(e.seq, new Date(e.at).toISOString(), e.run, JSON.stringify(e.fact).slice(0, 600));
    console.log(p.breaks);
  }
}
console.log(
  [...states]
    .sort((a, b) => b[1] - a[1])
    .map(([k, v]) => `${k} ${v}`)
    .join('\n'),
);
console.log('ms each', (performance.now() - t) / count, 'stopped', stopped / count);
for (const [k, v] of [...breaks].sort((a, b) => b[1].length - a[1].length))
  console.log(v.length, k, v.slice(0, 5));
