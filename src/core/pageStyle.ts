/**
 * What the pages of reports look like, before what each of them adds: light or dark by the reader's setting, colours by
 * name (`--good` and `--bad` judge, `--line` and `--faint` stand back), tables whose first column stays
 * where they scroll, and plots in an element of class `plot`.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --back: #fcfcfb; --panel: #f1f1ee; --text: #1c1d1f; --faint: #62666d; --line: #d9d9d4;
  --good: #14855f; --bad: #c4262e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #17181a; --panel: #202225; --text: #e8e8e6; --faint: #9ba0a8; --line: #35383d;
    --good: #45c296; --bad: #ff7078;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1280px; padding: 24px 20px 60px;
  background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
}
h1 { font-size: 22px; margin: 0 0 2px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 34px 0 6px; }
h3 { font-size: 14px; margin: 20px 0 6px; overflow-wrap: anywhere; }
.lead { color: var(--faint); margin: 0 0 12px; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 3px 14px 3px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--faint); font-weight: 500; }
th:first-child, td:first-child { position: sticky; left: 0; background: var(--back); }
.number { text-align: right; }
.plot { background: var(--panel); border-radius: 8px; padding: 12px; overflow-x: auto; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
.grid { stroke: var(--line); }
.axis { fill: var(--faint); }
`;
