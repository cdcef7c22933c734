/** What the page of `eval` has beside the common style: colours of figures, matrices and pictures. */
export const evalStyle = `
:root { --right: #dff1e8; --wrong: #fbe3e0; }
@media (prefers-color-scheme: dark) { :root { --right: #1d3a2e; --wrong: #44262a; } }
.warning { color: var(--bad); overflow-wrap: anywhere; }
.more { color: var(--good); }
.less { color: var(--bad); }
.right { background: var(--right); }
.wrong { background: var(--wrong); }
.group { border-left: 1px solid var(--line); padding-left: 14px; }
.matrix th, .matrix td { padding: 2px 3px; }
.matrix th.number { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 12px; }
figure { margin: 0; }
img { display: block; width: 100%; height: auto; border-radius: 4px; }
figcaption { color: var(--faint); font-size: 13px; overflow-wrap: anywhere; }
pre { font-size: 12px; overflow-x: auto; }
summary { cursor: pointer; }
`;
