/** What the page of a compiler's log has beside the common style: its plot, and colours named after the groups of nodes. */
export const reportStyle = `
:root {
  --body: #70757d; --box: #1f6fd6; --cls: #14855f; --coef: #c2571a; --proto: #8a45c4; --target: #fff3b8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --body: #969ba3; --box: #6aa9f7; --cls: #45c296; --coef: #f0935b; --proto: #bd8bec; --target: #4a4420;
  }
}
.facts { columns: 3 320px; column-gap: 28px; margin: 0; }
.facts div {
  break-inside: avoid; display: flex; gap: 12px; border-bottom: 1px solid var(--line); padding: 4px 0;
}
.facts dt { color: var(--faint); flex: 0 0 150px; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.remarks { padding-left: 20px; margin: 0; }
.remarks li { margin: 3px 0; overflow-wrap: anywhere; }
svg { min-width: 760px; }
.tick { stroke: var(--faint); }
.trace { fill: none; stroke: var(--body); stroke-opacity: 0.35; }
.point { fill: var(--body); }
.point:hover { stroke: var(--text); stroke-width: 2; }
.point.box { fill: var(--box); }
.point.cls { fill: var(--cls); }
.point.coef { fill: var(--coef); }
.point.proto { fill: var(--proto); }
.legend {
  display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 8px 0 0;
  color: var(--faint); font-size: 13px;
}
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 6px; }
table { width: 100%; }
td.number, th.number { padding-right: 18px; }
td.name { font-family: ui-monospace, monospace; font-size: 12px; }
tr:target, tr:target td { background: var(--target); }
.cpu { color: var(--bad); font-weight: 600; }
`;
