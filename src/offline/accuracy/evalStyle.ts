/** Style of the page: light or dark by the reader's setting. */
export const evalStyle = `
:root {
  color-scheme: light dark;
  --back: #fcfcfb; --text: #1c1d1f; --faint: #62666d; --line: #d9d9d4;
  --more: #14855f; --less: #c4262e; --right: #dff1e8; --wrong: #fbe3e0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #17181a; --text: #e8e8e6; --faint: #9ba0a8; --line: #35383d;
    --more: #45c296; --less: #ff7078; --right: #1d3a2e; --wrong: #44262a;
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
.warning { color: var(--less); overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 3px 14px 3px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--faint); font-weight: 500; }
.number { text-align: right; }
.more { color: var(--more); }
.less { color: var(--less); }
.right { background: var(--right); }
.wrong { background: var(--wrong); }
.pictures { display: flex; flex-wrap: wrap; gap: 12px; }
figure { margin: 0; flex: 1 1 320px; max-width: 640px; }
img { display: block; width: 100%; height: auto; border-radius: 4px; }
figcaption { color: var(--faint); font-size: 13px; overflow-wrap: anywhere; }
pre { font-size: 12px; overflow-x: auto; }
summary { cursor: pointer; }
`;
