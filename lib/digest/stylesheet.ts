/** The report's whole look. Text and ground differ by at least 4.5:1 (WCAG 2.2, 1.4.3) in light and dark. */
export const STYLESHEET = `
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#566273;--line:#dde2e9;--accent:#1f5fbf;--pale:#b9cdec;--up:#b3261e;--down:#1a7340;--warn:#8a5300;--warnground:#fdf3e1}
@media screen and (prefers-color-scheme:dark){:root{--ground:#10151c;--card:#18202a;--ink:#e7ecf2;--soft:#a3afbd;--line:#2c3744;--accent:#7fb0f5;--pale:#34547f;--up:#ff9a91;--down:#76d39b;--warn:#f0c070;--warnground:#2d2414}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1040px;margin:0 auto;padding:32px 20px 48px}
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
[hidden]{display:none}
.chart{width:100%;margin:6px 0 2px}
.point{min-height:1.5em;color:var(--soft);font-size:13px}.point:empty{min-height:0}
.fact{margin:0 0 6px}
.source{color:var(--soft);font-size:12px;margin-top:10px;overflow-wrap:anywhere}
.nowrap{white-space:nowrap}
.drivers{margin:0;padding-left:20px}.drivers li{margin-bottom:6px;overflow-wrap:anywhere}
.days{font-size:13px}.days td,.days th{white-space:nowrap}.days td:last-child{white-space:normal;min-width:12em}
.scroll+.scroll,.point+.scroll{margin-top:14px}
.drawn .daily{display:none}
footer{color:var(--soft);font-size:13px}
footer p{margin-bottom:4px;max-width:80em}
.two{display:grid;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));gap:20px;margin-bottom:20px}
.two>section{margin:0}
.findings>tbody>tr>th{width:34%}
.owner,.where{overflow-wrap:anywhere;min-width:8em}.owner{min-width:11em;font-size:14px}
@media (max-width:760px){
.findings>thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.findings,.findings>tbody,.findings>tbody>tr>th,.findings>tbody>tr>td,.findings>caption{display:block}
.findings>tbody>tr{display:grid;grid-template-columns:1fr 1fr;gap:4px 12px;border-top:1px solid var(--line);padding:12px 0}
.findings>tbody>tr>th{grid-column:1/-1}
.findings>tbody>tr>th{width:auto}
.findings>tbody>tr>th,.findings>tbody>tr>td{border:0;padding:2px 0;min-width:0;text-align:left;white-space:normal}
.findings>tbody>tr>td::before{content:attr(data-label);display:block;color:var(--soft);font-size:12px}
main{padding:20px 12px 32px}.card{padding:14px}
}
@media print{
body{background:#fff}.number,.chart,tr{break-inside:avoid}
.chart,.chart>div{width:100%!important;height:auto!important}.chart canvas{position:static!important;width:100%!important;height:auto!important}
.point{display:none}.scroll{overflow:visible}
table{font-size:12px}th,td,thead th,th.money,td.money{white-space:normal;overflow-wrap:anywhere;padding-right:8px}td.name,th.name,.owner,.where{min-width:0}
}
`;
