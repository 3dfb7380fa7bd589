"""The style sheet: light and dark by the reader's setting, white paper, nothing wider than the window."""

from __future__ import annotations

_LIGHT = """color-scheme: light; --ink: #1d2329; --dim: #5c6670; --paper: #ffffff; --line: #d5dae0; --fill: #f4f6f8;
  --c0: #2563a8; --c1: #c2571a; --c2: #2f7d4f; --c3: #8b3fa0; --c4: #a3272f; --c5: #0f7d86;
  --c6: #8a6d0b; --c7: #55606b; --c8: #d0468a; --c9: #5b4fcf; --c10: #6b8e23; --c11: #7a4a2b;
  --warm: #2563a8; --cold: #c2571a; --added: #bfe8cb; --removed: #fbd0cf; --link: #1d55a0;"""

_DARK = """color-scheme: dark; --ink: #e4e8ec; --dim: #9aa5b0; --paper: #14181c; --line: #353d45; --fill: #1d2328;
  --c0: #6aa9ee; --c1: #f0955a; --c2: #6cc492; --c3: #c98be0; --c4: #ee7a80; --c5: #55c1ca;
  --c6: #d9b84a; --c7: #a7b2bd; --c8: #f38bc0; --c9: #a59bf5; --c10: #b5d46a; --c11: #c99a78;
  --warm: #6aa9ee; --cold: #f0955a; --added: #1f5134; --removed: #6b2a2c; --link: #8cbcf5;"""

_PAGE = """
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 82rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; } header p { margin: 0 0 .8rem; max-width: 60rem; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 2.4rem 0 .6rem; padding-top: .8rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1.08rem; margin: 1.8rem 0 .4rem; } h4 { font-size: 1rem; margin: 1rem 0 .2rem; }
a { color: var(--link); } a:focus-visible, summary:focus-visible, .scroll:focus-visible {
  outline: 2px solid var(--link); outline-offset: 2px; }
nav { margin: .3rem 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem .9rem; list-style: none; margin: 0; padding: 0; }
nav a { display: inline-block; padding: .15rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
main { min-width: 0; } section { min-width: 0; } main > section:first-of-type > h2 { margin-top: 1rem; }
p { max-width: 60rem; } p.note { color: var(--dim); margin: .3rem 0 .8rem; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--dim); font-size: .9rem; }
code, pre, table.code td { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", Consolas, monospace;
  font-size: .88em; }
pre { padding: .7rem; background: var(--fill); border-radius: .4rem; white-space: pre-wrap; }
.plain { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .3rem 0 .8rem; }
.figures { display: grid; gap: .7rem 1.2rem; margin: .5rem 0 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 9.5rem), 1fr)); }
.figures dt { color: var(--dim); font-size: .9rem; } .figures dd { margin: 0; }
.figures b { display: block; font-size: 1.35rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.figures small { color: var(--dim); font-size: .85rem; }
.beside { display: grid; gap: 1rem 1.6rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); }
.beside > * { min-width: 0; }
"""

_TABLES = """
.scroll { overflow-x: auto; max-width: 100%; margin: .4rem 0 1rem; }
table { border-collapse: separate; border-spacing: 0; font-size: .9rem; overflow-wrap: normal; }
.scroll > table { min-width: 13rem; } table.told td:last-child { min-width: 15rem; }
caption { text-align: left; color: var(--dim); padding-bottom: .3rem; caption-side: top; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { vertical-align: bottom; } td { max-width: 26rem; }
table.labels th[scope=row] { font-weight: 400; position: sticky; left: 0; background: var(--paper);
  max-width: 11rem; overflow-wrap: break-word; }
.number { text-align: right; font-variant-numeric: tabular-nums; } td.number { white-space: nowrap; }
table.code td { overflow-wrap: anywhere; min-width: 8rem; } table.code td.number { min-width: 0; }
table.heat { border-spacing: 1px; font-size: .84rem; }
table.heat td { padding: .3rem .25rem; border: 0; min-width: 2.5rem; }
table.heat th[scope=row] { border: 0; padding: .3rem .6rem .3rem 0; }
.upright { padding: .2rem .1rem .4rem; font-weight: 400; }
.upright span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); max-height: 11rem;
  overflow-wrap: anywhere; }
th.upright { text-align: center; }
.warm { background: color-mix(in srgb, var(--warm) calc(var(--d) * 50%), var(--paper)); }
.cold { background: color-mix(in srgb, var(--cold) calc(var(--d) * 50%), var(--paper)); }
"""

_CHARTS = """
figure { margin: 0 0 1rem; max-width: 34rem; padding: .6rem; background: var(--fill); border-radius: .4rem; }
figcaption { font-size: .92rem; } svg { display: block; width: 100%; height: auto; }
.csv { font-size: .8rem; color: var(--dim); white-space: nowrap; }
svg text { fill: var(--ink); font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
svg .axis { stroke: var(--line); fill: none; } svg .mark { stroke: var(--ink); stroke-width: 1.6; fill: none; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem .9rem; font-size: .85rem; margin: .2rem 0; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .35em; border-radius: .15em; }
details { margin: .4rem 0; } summary { cursor: pointer; padding: .15rem 0; }
blockquote { margin: .3rem 0 .8rem; padding: .2rem .7rem; border-left: 3px solid var(--line); max-width: 60rem; }
blockquote footer { margin: 0; border: 0; font-size: .82rem; } blockquote p { margin: 0; }
ins, del { text-decoration-thickness: 1px; border-radius: .15em; white-space: pre-wrap; }
ins { background: var(--added); } del { background: var(--removed); }
"""

_WIDE = """
@media (min-width: 70rem) {
  body { display: grid; grid-template-columns: 12rem minmax(0, 1fr); column-gap: 2.2rem; }
  header, footer { grid-column: 1 / -1; }
  body > nav { position: sticky; top: 1rem; align-self: start; max-height: calc(100vh - 2rem); overflow-y: auto; }
  body > nav ul { flex-direction: column; }
}
"""

_PRINT = """
@page { margin: 14mm; }
@media print {
  body { display: block; max-width: none; padding: 0; font-size: 10pt; }
  nav, .csv { display: none; }
  h2, h3, h4 { break-after: avoid; } figure, tr, blockquote, .figures { break-inside: avoid; }
  .scroll { overflow: visible; } table { font-size: 8pt; } th, td { padding: .1rem .3rem; max-width: none; }
  thead { display: table-header-group; }
  table.wide, table.heat { font-size: 6.5pt; } table.heat td { padding: .1rem; min-width: 0; }
  table.wide thead th { overflow-wrap: anywhere; } .legend { font-size: 7.5pt; } figcaption { font-size: 9pt; }
  .beside:not(:has(> :nth-child(3))) { break-inside: avoid; }
  table.labels th[scope=row] { position: static; }
  figure { max-width: 15cm; } .beside { grid-template-columns: 1fr 1fr; } .beside figure { max-width: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details::details-content { content-visibility: visible; block-size: auto; display: block; }
  details.unprinted::details-content { display: none; }
  details.unprinted summary::after { content: ": in the page on the screen"; }
  details:not(:has(table))::details-content { columns: 2 16rem; } .beside:has(table) { display: block; }
  p.note { break-after: avoid; } .scroll:has(table.heat) { break-inside: avoid; }
  blockquote { font-size: 8.5pt; line-height: 1.3; margin: 0 0 .4rem; }
  summary { break-after: avoid; } details .scroll:not(:has(tr:nth-child(40))) { break-inside: avoid; }
  h2 { margin-top: 1.4rem; } h4 { margin: .6rem 0 .1rem; }
  summary { list-style: none; } a { color: inherit; text-decoration: none; }
}
"""

STYLE = f"\n:root {{ {_LIGHT} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {_DARK} }} }}\n" + (
    _PAGE + _TABLES + _CHARTS + _WIDE + _PRINT
).replace("\n\n", "\n").lstrip("\n")
"""The whole sheet, without a load from anywhere."""
