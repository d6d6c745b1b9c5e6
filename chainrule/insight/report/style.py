"""How the page looks: light, dark and on paper; on a desk and on a telephone.

The colours are those of Okabe and Ito (2008), which people with any kind of colour vision tell apart, a little darker
on white and lighter on black so that each stands out from the page by at least 3 to 1.
"""

from __future__ import annotations

_LIGHT = """--paper:#fff;--ink:#1c2126;--quiet:#55606b;--rule:#d9dfe5;--soft:#f4f6f8;
--s1:#0067a8;--s2:#c65300;--s3:#00805c;--s4:#a3518a;--s0:#77818b;--bad:#b3261e;--good:#00703c;"""
_DARK = """--paper:#14181c;--ink:#e7eaed;--quiet:#a3adb7;--rule:#353c44;--soft:#1d2329;
--s1:#5ab6ee;--s2:#f0a04b;--s3:#3fcfa0;--s4:#dd9cc5;--s0:#8f99a3;--bad:#ff8a80;--good:#5fd08f;"""

STYLE = f"""
:root{{color-scheme:light dark;{_LIGHT}}}
@media screen and (prefers-color-scheme:dark){{:root{{{_DARK}}}}}
*{{box-sizing:border-box}}
html{{-webkit-text-size-adjust:100%}}
body{{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei",
"Noto Sans CJK SC",sans-serif;overflow-wrap:break-word}}
main,header,footer{{max-width:62rem;margin:0 auto;padding:0 1.25rem}}
header{{padding-top:2rem}}
h1{{font-size:1.05rem;font-weight:600;color:var(--quiet);margin:0}}
h2{{font-size:1.3rem;line-height:1.3;margin:2.75rem 0 .75rem;padding-top:1rem;border-top:1px solid var(--rule)}}
h3{{font-size:1rem;line-height:1.35;margin:0 0 .25rem}}
p{{margin:.5rem 0;max-width:44rem}}
.answer{{font-size:1.55rem;line-height:1.35;font-weight:600;margin:.75rem 0;max-width:44rem}}
.quiet,figcaption,footer{{color:var(--quiet)}}
.warn{{border-left:4px solid var(--s2);padding:.25rem 0 .25rem .8rem}}
.grid{{display:grid;gap:2rem 2.5rem;align-items:start;
grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}}
.grid>*{{min-width:0}}
.apart{{margin-top:2rem;margin-bottom:.75rem}}
figure{{margin:0;break-inside:avoid}}
figcaption{{font-size:.9rem;margin-top:.35rem;max-width:32rem}}
.chart{{display:block;width:100%;max-width:32rem;height:auto;overflow:visible}}
.small{{display:block;width:5rem;height:1.2rem}}
.chart text{{font-size:11.5px;fill:var(--ink)}}
.chart .t{{fill:var(--quiet)}}
.chart .g{{stroke:var(--rule);stroke-width:1}}
.chart .tick{{stroke:var(--quiet)}}
.chart .e{{stroke:var(--ink);stroke-width:1.5;opacity:.65}}
.l{{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}}
.l.thin{{stroke-width:1.2}}
.a{{opacity:.18;stroke:none}}
.n{{font-variant-numeric:tabular-nums}}
{"".join(f".s{i}{{--c:var(--s{i})}}" for i in range(5))}
.l{{stroke:var(--c)}}.p,.b,.a{{fill:var(--c)}}
.l.s0{{stroke-dasharray:5 4}}.l.s2{{stroke-dasharray:7 3}}.l.s3{{stroke-dasharray:2 3}}
.p.faint{{fill-opacity:.35}}
.key{{font-size:.85rem;color:var(--quiet);margin:.15rem 0 .35rem;display:flex;flex-wrap:wrap;gap:.1rem 1rem}}
.k{{display:inline-block;width:1.5rem;border-top:3px solid var(--c);vertical-align:middle;margin-right:.35rem}}
.k.s0,.k.s2{{border-top-style:dashed}}.k.s3{{border-top-style:dotted}}
.finding{{margin:1.25rem 0;padding-left:.8rem;border-left:4px solid var(--rule)}}
.mark{{font-size:.8rem;font-weight:600;border-radius:3px;padding:.05rem .4rem;border:1px solid currentColor}}
.mark.error{{color:var(--bad)}}.mark.warning{{color:var(--s2)}}.mark.info{{color:var(--quiet)}}
.wide{{overflow-x:auto;margin:.5rem 0}}
table{{border-collapse:collapse;font-size:.92rem}}
th,td{{padding:.3rem .9rem .3rem 0;text-align:left;vertical-align:top;font-weight:400;word-break:keep-all;
border-bottom:1px solid var(--rule)}}
thead th{{color:var(--quiet);font-size:.85rem;vertical-align:bottom}}
tbody th{{max-width:22rem}}
td .quiet{{display:inline-block;min-width:9rem;word-break:normal}}
th.n,td.n{{text-align:right;white-space:nowrap}}
.columns td{{white-space:nowrap}}
.matrix td,.matrix thead th{{padding:.35rem .6rem;border:0;text-align:right}}
.matrix tbody th{{padding-right:.8rem;border:0}}
.matrix .yes{{font-weight:600}}
code,pre{{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.85em}}
code{{overflow-wrap:anywhere}}
pre{{overflow-x:auto;background:var(--soft);padding:.75rem 1rem;border-radius:4px;margin:.5rem 0}}
.mathematics{{--mark:var(--s1);--line:var(--rule)}}
.mathematics h4{{font-size:.95rem;margin:1rem 0 .25rem}}.mathematics math{{font-size:1.05em}}
.mathematics .f{{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;justify-content:space-between;
padding:.4rem .6rem;margin:.3rem 0;background:var(--soft);border-radius:.3rem;overflow:auto hidden}}
.mathematics .s,.mathematics .b{{color:var(--quiet);font-size:.85rem}}
.mathematics svg{{max-width:100%;height:auto;display:block;margin:.5rem 0}}
details{{margin:.75rem 0}}
summary{{cursor:pointer;color:var(--s1)}}
a{{color:var(--s1)}}
nav{{font-size:.9rem;margin:1rem 0 0;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem}}
footer{{font-size:.85rem;padding-top:2.5rem;padding-bottom:3rem}}
@media (max-width:34rem){{
.answer{{font-size:1.3rem}}h2{{font-size:1.15rem}}main,header,footer{{padding-left:1rem;padding-right:1rem}}
.meanings,.meanings thead,.meanings tbody{{display:block}}
.meanings tr{{display:grid;grid-template-columns:1fr 4.5rem 6.5rem;border-bottom:1px solid var(--rule)}}
.meanings.hashes tr{{grid-template-columns:5rem 1fr}}
.meanings th,.meanings td{{border:0;padding-right:0}}.meanings td:last-child{{grid-column:1/-1;padding-top:0}}}}
@media print{{
@page{{margin:16mm}}
body{{font-size:10.5pt}}nav{{display:none}}main,header,footer{{max-width:none;padding:0}}
h2{{break-after:avoid}}tr,figure{{break-inside:avoid}}.wide{{overflow:visible}}
.grid{{grid-template-columns:1fr 1fr;gap:1.2rem 1.5rem}}.answer{{font-size:15pt}}}}
"""
