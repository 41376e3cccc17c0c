/** Contrasts are at least 4.5 to 1, in light and in dark. */
export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --back: #ffffff; --line: #d0d4da; --text: #16191d; --quiet: #555d68; --head: #f1f3f6;
  --good: #0b6b2f; --warn: #7a4b00; --bad: #a8121f; --accent: #0b57a4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171a; --line: #3a4149; --text: #e8eaed; --quiet: #a9b1bb; --head: #1f2429;
    --good: #6fd08c; --warn: #f0b759; --bad: #ff8f8f; --accent: #8ab8ff;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; padding: 1rem; background: var(--back); color: var(--text); font: 14px/1.4 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.4rem; }
h2 { font-size: 1.1rem; }
h3 { font-size: 1rem; }
.quiet { color: var(--quiet); }
.filter label { font-weight: 600; margin-right: 0.5rem; }
label[for='config'] { display: block; font-weight: 600; }
input, textarea, button { font: inherit; color: var(--text); background: var(--back); border: 1px solid var(--quiet); border-radius: 4px; padding: 0.2rem 0.4rem; }
input { width: 20rem; max-width: 100%; }
input::placeholder { color: var(--quiet); opacity: 1; }
textarea { width: 100%; font-family: ui-monospace, monospace; }
button { cursor: pointer; min-height: 28px; }
button:hover { background: var(--head); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#status:empty, #alert:empty { display: none; }
#status, #alert { white-space: pre-wrap; overflow-wrap: anywhere; padding: 0.5rem; border: 1px solid var(--line); border-radius: 4px; }
#alert { color: var(--bad); border-color: var(--bad); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 4px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.45rem; border-bottom: 1px solid var(--line); }
th { background: var(--head); white-space: nowrap; }
td { overflow-wrap: break-word; font-variant-numeric: tabular-nums; }
td:first-child { font-weight: 600; white-space: pre-wrap; min-width: 6rem; overflow-wrap: anywhere; }
td:nth-child(3) { min-width: 11rem; overflow-wrap: anywhere; }
td:nth-child(6) { min-width: 7rem; overflow-wrap: anywhere; }
td.buttons { white-space: nowrap; }
td.buttons button { margin-right: 0.25rem; }
td[data-is='good'] { color: var(--good); }
td[data-is='warn'] { color: var(--warn); }
td[data-is='bad'] { color: var(--bad); }
svg { display: block; width: 120px; height: 20px; }
polyline { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
`;
