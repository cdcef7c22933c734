import { pageStyle } from '../../core/pageStyle.js';

/** Style of the page of an evaluation, which judges differences and shows pictures. */
export const evalStyle = `${pageStyle}
:root { --right: #dff1e8; --wrong: #fbe3e0; }
@media (prefers-color-scheme: dark) {
  :root { --right: #1d3a2e; --wrong: #44262a; }
}
.warning { color: var(--bad); overflow-wrap: anywhere; }
.more { color: var(--good); }
.less { color: var(--bad); }
.right { background: var(--right); }
.wrong { background: var(--wrong); }
.pictures { display: flex; flex-wrap: wrap; gap: 12px; }
figure { margin: 0; flex: 1 1 320px; max-width: 640px; }
img { display: block; width: 100%; height: auto; border-radius: 4px; }
figcaption { color: var(--faint); font-size: 13px; overflow-wrap: anywhere; }
pre { font-size: 12px; overflow-x: auto; }
summary { cursor: pointer; }
`;
