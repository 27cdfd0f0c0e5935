/** How the fix list looks: on a desk, on a phone, on paper, by day and by night. */

/**
 * Red is what has to be mended, yellow what waits for a look; a sign and a word say the same. The
 * contrast of every pair is that of WCAG 2.2 AA or better.
 */
export const PAGE_STYLE = `
:root { color-scheme: light dark;
  --ink: #1d1f21; --soft: #55595e; --paper: #ffffff; --band: #f4f3ef; --line: #d9d7d0;
  --red: #a3201a; --red-band: #fbeceb; --yellow: #6d5200; --yellow-band: #fff6d6; --flag: #f5c400; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e8e6e1; --soft: #a9aca8; --paper: #17191b; --band: #202326; --line: #3a3e42;
  --red: #ff9a91; --red-band: #3a2220; --yellow: #f5d060; --yellow-band: #332c14; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1.25rem 3rem; color: var(--ink);
  background: var(--paper); line-height: 1.45; font-variant-numeric: tabular-nums;
  font-family: Seravek, "Gill Sans Nova", "Source Sans 3", Ubuntu, Calibri, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .35rem 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
.where, .code { color: var(--soft); font-weight: normal; }
.record th { padding-top: .8rem; border-bottom-color: var(--ink); }
p { margin: .35rem 0; max-width: 62ch; }
.mark { display: flex; align-items: center; gap: .5rem; color: var(--soft); }
.flag { width: .85rem; height: .85rem; background: var(--flag); border: 1px solid #8a7000;
  print-color-adjust: exact; }
ul.todo { list-style: none; margin: .75rem 0; padding: 0; display: grid; gap: .5rem; }
ul.todo li { padding: .6rem .8rem; border-left: .3rem solid; max-width: 66ch; }
ul.todo .error { border-color: var(--red); background: var(--red-band); }
ul.todo .alert { border-color: var(--flag); background: var(--yellow-band); }
.tag { white-space: nowrap; font-weight: 600; }
.tag.error { color: var(--red); } .tag.alert { color: var(--yellow); }
table { border-collapse: collapse; width: 100%; margin: .25rem 0 .75rem; }
caption { text-align: left; color: var(--soft); padding: 0 0 .3rem; }
th, td { text-align: left; vertical-align: top; padding: .38rem .6rem .38rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { color: var(--soft); font-weight: 600; font-size: .85rem; }
h2 + table.fix { margin-top: -.2rem; }
td.number { font-weight: 600; }
td.number, th.number { text-align: right; padding-right: 1.2rem; white-space: nowrap; }
code { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: .92em; }
td code.value { background: var(--band); padding: .05rem .3rem; white-space: pre-wrap; }
.fix { table-layout: fixed; }
.fix .to-do { width: 6.5rem; } .fix .column { width: 8.5rem; } .fix .value { width: 11rem; }
.fix .expected { width: 11rem; } .fix .action { width: 15rem; }
.none, .more, footer { color: var(--soft); font-weight: normal; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .75rem; }
@media (max-width: 46rem) {
  body { padding: 1rem .9rem 2rem; }
  .kinds thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .kinds, .kinds tbody { display: block; }
  .kinds tr { display: grid; grid-template-columns: max-content 1fr max-content; gap: .1rem .8rem;
    padding: .4rem 0; border-bottom: 1px solid var(--line); }
  .kinds td { border: 0; padding: 0; }
  .kinds .words { order: 1; grid-column: 1 / -1; }
  .fix, .fix tbody, .fix tr, .fix td, .fix th { display: block; width: auto; }
  .fix thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .fix tr:not(.record) { border: 1px solid var(--line); padding: .45rem .7rem; margin: 0 0 .6rem; }
  .record th { border: 0; padding: .6rem 0 .3rem; }
  .fix td { border: 0; padding: .12rem 0; display: grid; grid-template-columns: 6.2rem 1fr; gap: .5rem; }
  .fix td::before { content: attr(data-label); color: var(--soft); }
}
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --band: #f2f2f2;
    --line: #bbb; --red: #8c1510; --red-band: #fff; --yellow: #5c4500; --yellow-band: #fff; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  h2, .record { break-after: avoid; } tr, ul.todo li { break-inside: avoid; }
  thead { display: table-header-group; }
}
`;
