/** The report's whole look. Text and ground differ by at least 4.5:1 (WCAG 2.2, 1.4.3) in light and dark. */
export const STYLESHEET = `
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#566273;--line:#dde2e9;--accent:#1f5fbf;--pale:#b9cdec;--control:#7c8898;--up:#b3261e;--down:#1a7340;--warn:#8a5300;--warnground:#fdf3e1}
@media screen and (prefers-color-scheme:dark){:root{--ground:#10151c;--card:#18202a;--ink:#e7ecf2;--soft:#a3afbd;--line:#2c3744;--accent:#7fb0f5;--pale:#34547f;--control:#7d8b9b;--up:#ff9a91;--down:#76d39b;--warn:#f0c070;--warnground:#2d2414}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1180px;margin:0 auto;padding:32px 20px 48px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:17px;margin:0 0 10px}
h3{font-size:14px;margin:14px 0 6px}
p{margin:0}
.fresh{color:var(--soft)}
.story{font-size:18px;line-height:1.5;margin:20px 0 24px;max-width:62em;overflow-wrap:anywhere}
section,.numbers{margin:0 0 20px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(46%,182px),1fr));gap:12px;padding:0}
.number{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin:0;display:flex;flex-direction:column}
.number dt{color:var(--soft);font-size:13px}
.number dd{margin:0}
.number .value{font-size:24px;font-weight:650;line-height:1.3;letter-spacing:-.01em;overflow-wrap:anywhere}
.number .value.long{font-size:18px;line-height:1.4}
.number .note{color:var(--soft);font-size:13px}
.up{color:var(--up)}.down{color:var(--down)}
.scroll{overflow-x:auto}
.scroll:focus-visible,.chart:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--soft);font-size:13px;padding:0 0 8px}
th,td{text-align:left;vertical-align:top;padding:8px 12px 8px 0;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-size:13px;font-weight:600;white-space:nowrap}
tbody th{font-weight:600}
th.money,td.money{text-align:right;white-space:nowrap}
td.name,th.name{overflow-wrap:anywhere;min-width:9em}
.sub{color:var(--soft);font-size:13px;font-weight:400;overflow-wrap:anywhere}
.tag{display:inline-block;border:1px solid var(--line);border-radius:99px;padding:0 8px;font-size:12px;font-weight:600;white-space:nowrap}
.tag.IDLE,.tag.UNUSED,.tag.EXPIRED{color:var(--up);border-color:currentColor}
.tag.SUSPECTED,.tag.HELD,.tag.UNOBSERVED,.tag.failed,.tag.partial{color:var(--warn);border-color:currentColor}
details{margin-top:4px}
summary{cursor:pointer;color:var(--accent);font-size:13px}
details table{margin:8px 0}
details th,details td{font-size:13px;padding:4px 10px 4px 0}
.blind{font-size:13px;color:var(--soft);margin:4px 0 0;padding-left:18px}
.gaps{background:var(--warnground)}
.gaps li{overflow-wrap:anywhere;margin-bottom:6px}
.gaps ul{margin:0;padding-left:18px}
svg{display:block;width:100%;min-width:560px;height:auto}
.bar{fill:var(--accent)}.bar.before{fill:var(--pale)}
.grid{stroke:var(--line)}.axis{stroke:var(--soft)}
.tick{fill:var(--soft);font-size:12px}
figure{margin:0}figcaption{color:var(--soft);font-size:13px;margin-top:6px}
.key{display:inline-block;width:10px;height:10px;border-radius:2px;background:var(--accent);margin-right:4px}.key.before{background:var(--pale);margin-left:12px}
[hidden]{display:none!important}
.chart{width:100%;margin:6px 0 2px}
.point{min-height:1.5em;color:var(--soft);font-size:13px}.point:empty{min-height:0}
.fact{margin:0 0 6px}
.source{color:var(--soft);font-size:12px;margin-top:10px;overflow-wrap:anywhere}
.nowrap{white-space:nowrap}
.drivers{margin:0;padding-left:20px}.drivers li{margin-bottom:6px;overflow-wrap:anywhere}
.days{font-size:13px}.days td,.days th{white-space:nowrap}.days td:last-child{white-space:normal;min-width:12em}
.scroll+.scroll,.point+.scroll{margin-top:14px}
.drawn .daily{display:none}
.live .plainly{display:none}
main>section,.panels>section{scroll-margin-top:56px}
.parts{position:sticky;top:0;z-index:2;background:var(--ground);border-bottom:1px solid var(--line);margin:0 0 20px}
.parts ul{display:flex;gap:2px 18px;list-style:none;margin:0;padding:10px 0;overflow-x:auto}
.parts a,a{color:var(--accent)}.parts a{text-decoration:none;white-space:nowrap;font-size:14px;padding:4px 0;display:inline-block}.parts a:hover,.parts a:focus-visible{text-decoration:underline}
section.part{margin-bottom:20px}h2.part{font-size:20px;margin:28px 0 12px}
.panels{display:grid;grid-auto-flow:dense;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));gap:20px}
.panels>section{margin:0;min-width:0}.panels>.whole{grid-column:1/-1}
.card h3:first-child{font-size:16px;margin-top:0}
pre{background:var(--ground);border:1px solid var(--line);border-radius:6px;padding:8px 10px;margin:8px 0 0;overflow-x:auto;font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.values thead td{border-top:0}
.values th,.values td{padding-top:6px;padding-bottom:6px;font-size:14px}.values tbody th{font-weight:500}
.wide th,.wide td{font-size:13px}.wide thead th{white-space:normal;vertical-align:bottom}
td.meter{width:30%;min-width:60px;padding-right:0;vertical-align:middle}
svg.meter{min-width:0;width:100%;height:10px}
#waste-tools,.tools{display:flex;flex-wrap:wrap;gap:10px 12px;align-items:end;margin:0 0 14px}
.tool{display:flex;flex-direction:column;gap:2px;min-width:0}.tool label{font-size:13px;color:var(--soft)}
#waste-tools .tool:first-child{flex:1 1 200px}#waste-tools [role=status]{flex-basis:100%}
input,select,button{font:inherit;font-size:14px;color:var(--ink);background:var(--card);border:1px solid var(--control);border-radius:6px;padding:5px 8px;min-width:0;max-width:100%}
select{max-width:170px}
button{cursor:pointer}button:disabled{color:var(--soft);cursor:default}
button.link,button.sort{border:0;background:none;padding:0;color:var(--accent);text-align:left;overflow-wrap:anywhere}
button.link:hover,button.link:focus-visible{text-decoration:underline}
button.sort{color:inherit;font-weight:600;font-size:13px;white-space:nowrap}
[aria-sort=descending] .sort::after{content:" ↓"}[aria-sort=ascending] .sort::after{content:" ↑"}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,pre:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
[tabindex="-1"]:focus{outline:none}
#waste-pages{display:flex;gap:12px;align-items:center;margin-top:12px}
.crumbs{display:flex;flex-wrap:wrap;gap:4px 8px;margin:0 0 8px}.crumbs>*+*::before{content:"› ";color:var(--soft)}
.back{margin-bottom:16px}
.facts{display:grid;grid-template-columns:minmax(8em,auto) 1fr;gap:4px 16px;margin:0}.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
ul.plain{margin:0;padding-left:18px}.plain li{overflow-wrap:anywhere}
.left-out{margin-bottom:10px}
footer{color:var(--soft);font-size:13px}
footer p{margin-bottom:4px;max-width:80em}
.two{display:grid;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));gap:20px;margin-bottom:20px}
.two>section{margin:0}
.findings>tbody>tr>th{width:34%}
.owner,.where{overflow-wrap:anywhere;min-width:8em}.owner{min-width:12.5em;font-size:13px}
#waste{overflow-x:auto}
@media screen and (max-width:980px){
.findings>thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);visibility:hidden}
.findings,.findings>tbody,.findings>tbody>tr>th,.findings>tbody>tr>td,.findings>caption{display:block}
.findings>tbody>tr{display:grid;grid-template-columns:1fr 1fr;gap:4px 12px;border-top:1px solid var(--line);padding:12px 0}
.findings>tbody>tr>th{grid-column:1/-1}
.findings>tbody>tr>th{width:auto}
.findings>tbody>tr>th,.findings>tbody>tr>td{border:0;padding:2px 0;min-width:0;text-align:left;white-space:normal}
.findings>tbody>tr>td::before{content:attr(data-label);display:block;color:var(--soft);font-size:12px}
}
@media screen and (max-width:760px){
.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:6px}
.scroll caption{max-width:calc(100vw - 56px)}.scroll th.name{min-width:10.5em}.scroll td:not(.money,.meter){min-width:8em}
main{padding:20px 12px 32px}.card{padding:14px}
}
@media screen{.live .findings>caption{position:absolute;width:1px;height:1px;padding:0;overflow:hidden;clip-path:inset(50%)}}
@media print{
body{background:#fff}main{padding:0}button{font-size:inherit}.number,.chart,tr{break-inside:avoid}
.chart,.chart>div{width:100%!important;height:auto!important}.chart canvas{position:static!important;width:100%!important;height:auto!important}
.point,.parts,#waste-tools,#waste-pages,.tools,.back{display:none}.scroll,#waste{overflow:visible}
table{font-size:12px}th,td,thead th,th.money,td.money{white-space:normal;overflow-wrap:anywhere;padding-right:8px}td.name,th.name{min-width:0}.owner,.where{min-width:8.5em;font-size:12px}.sub{font-size:11px}.findings .sort{white-space:normal;overflow-wrap:normal}.findings>tbody>tr>th{width:30%}td.money,.findings th.money{overflow-wrap:normal}thead th{overflow-wrap:break-word}.wide thead th{font-size:9px}.wide th,.wide td{font-size:10px;padding-right:5px}
}
`;
