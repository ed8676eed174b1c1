/** The style sheet of the page: light and dark, phone and paper. Contrast of text is 4.5:1 or better in both. */
export const STYLE = `
:root{--page:#f3f5f8;--panel:#fff;--ink:#1b2333;--muted:#525c6e;--grid:#c9d0db;--good:#1d5fd0;--bad:#b84309;--third:#6d54b5;color-scheme:light}
@media screen and (prefers-color-scheme:dark){:root{--page:#10141c;--panel:#1a202b;--ink:#e9edf4;--muted:#aab4c4;--grid:#465062;--good:#6ea5ff;--bad:#ff9c5b;--third:#b9a2ff;color-scheme:dark}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
header,main,footer{max-width:1180px;margin:0 auto;padding:0 16px}
h1{font-size:1.5rem;line-height:1.25;margin:20px 0 2px}
h2{font-size:1.15rem;margin:28px 0 10px}
h3{font-size:1rem;margin:0 0 6px}
p{margin:4px 0}
a{color:var(--good)}
:focus-visible{outline:3px solid var(--good);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--panel);padding:6px 10px;z-index:1}
.note,caption,.unit{color:var(--muted)}
.panel{background:var(--panel);border:1px solid var(--grid);border-radius:10px;padding:14px 16px;margin:0;min-width:0}
.promises,.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:16px}
.big{font-size:2.1rem;font-weight:650;line-height:1.15;margin:2px 0}
.meter{height:10px;border-radius:5px;background:var(--grid);overflow:hidden;margin:8px 0;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.meter span{display:block;height:100%;background:var(--good)}
.marks{display:flex;flex-wrap:wrap;gap:4px;list-style:none;margin:8px 0 0;padding:0}
.marks li{position:relative;min-width:24px;padding:0 4px;text-align:center;border:1px solid var(--grid);border-radius:5px;font-size:.8rem}
.marks .kept{border-color:var(--good);color:var(--good)}.marks .missed{border-color:var(--bad);color:var(--bad)}
.few{color:var(--bad);font-size:.8em;margin-left:4px}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:8px 16px;margin:8px 0}
.facts div{min-width:0}.facts dt{color:var(--muted);font-size:.85rem}.facts dd{margin:0;font-size:1.15rem;font-weight:600}
.chart svg{width:100%;height:auto;display:block}
.chart .narrow{display:none}
figcaption{color:var(--muted);font-size:.88rem}
details{margin-top:8px}summary{cursor:pointer;color:var(--good)}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem}
caption{text-align:left;padding:4px 0}
th,td{padding:3px 10px 3px 0;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap;font-weight:400}
thead th{color:var(--muted);vertical-align:bottom;white-space:normal}
th:first-child,.text{text-align:left}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
dl.terms{columns:2;column-gap:32px;margin:0}dl.terms div{break-inside:avoid;margin-bottom:8px}dl.terms dt{font-weight:600}dl.terms dd{margin:0;color:var(--muted)}
footer{padding-bottom:32px;color:var(--muted);font-size:.88rem}
@media screen and (max-width:560px){.chart .wide{display:none}.chart .narrow{display:block}dl.terms{columns:1}.panel{padding:12px}th,td{padding-right:8px}tbody th{white-space:normal;min-width:96px;max-width:40vw;overflow-wrap:anywhere}caption{max-width:calc(100vw - 40px);position:sticky;left:0}}
@media screen{.paper{display:none}}
@media print{
@page{size:A4;margin:11mm}
body{background:#fff;font-size:9pt;line-height:1.3}
header,main,footer{max-width:none;padding:0}
h1{font-size:14pt;margin:0}h2{font-size:11pt;margin:7pt 0 3pt}h3{font-size:9.5pt;margin:0 0 2pt}
.panel{padding:5pt 7pt;border-radius:4pt;break-inside:avoid}
.promises,.charts{grid-template-columns:1fr 1fr;gap:7pt}
.big{font-size:16pt}.facts{margin:2pt 0;gap:1pt 8pt;grid-template-columns:repeat(auto-fit,minmax(78pt,1fr))}.facts dd{font-size:10pt}.facts dt{font-size:7.5pt}
.meter{margin:3pt 0;height:6pt}.marks{margin-top:3pt;gap:2pt}.marks li{font-size:7pt;min-width:15pt}
figcaption{font-size:7.5pt}
details,.skip,.screen{display:none}
table{font-size:8pt}th,td{padding:1pt 6pt 1pt 0}tbody th{white-space:normal}caption{padding:0}
.second{break-before:page}
.second h2:first-child{margin-top:0}
tr.screen{display:none}
dl.terms{font-size:7.5pt;line-height:1.25;columns:3;column-gap:12pt}dl.terms div{margin-bottom:3pt}
footer{font-size:7.5pt;padding:4pt 0 0}
a{color:inherit}
}
`;
