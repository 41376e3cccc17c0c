const COLUMNS = [
  'Name',
  'Bind',
  'Expose',
  'Protocol',
  'State',
  'Health',
  'Certificate',
  'Connections',
  'Requests/s',
  'Latency p50/p99',
];

const CONFIG = `
      <section aria-labelledby="config-heading">
        <h2 id="config-heading">Change the servers</h2>
        <p>
          <label for="config">Config (JSON)</label>
          <textarea id="config" rows="8" spellcheck="false" autocomplete="off" aria-describedby="config-hint"></textarea>
        </p>
        <p id="config-hint" class="quiet">A list of server options. See its plan first; nothing changes before you apply it.</p>
        <p><button type="button" id="plan">Show plan</button></p>
        <div id="plan-shown" hidden>
          <h3>Plan</h3>
          <ul id="steps"></ul>
          <p><button type="button" id="apply">Apply plan</button></p>
        </div>
      </section>`;

/** The page without its servers, which come over the stream. Its addresses are relative, for proxies. */
export function pageHtml({ hasActions }: { readonly hasActions: boolean }): string {
  const columns = hasActions ? [...COLUMNS, 'Actions'] : COLUMNS;
  const heads = columns.map((column) => `<th scope="col">${column}</th>`).join('');
  return `<!doctype html>
<html lang="en" data-actions="${hasActions}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Servers - nestjs-http-pool</title>
    <link rel="stylesheet" href="dashboard.css">
    <script src="dashboard.js" defer></script>
  </head>
  <body>
    <header>
      <h1 id="heading">Servers</h1>
      <p class="quiet">Process ${process.pid}, Node ${process.version}. <span id="connection">Connecting…</span></p>
    </header>
    <main>
      <noscript><p>This page needs JavaScript; <a href="servers">/servers</a> is the same as JSON.</p></noscript>
      <p class="filter">
        <label for="filter">Filter</label>
        <input id="filter" type="text" placeholder="name, bind or expose" autocomplete="off" spellcheck="false">
        <span id="count" class="quiet"></span>
      </p>
      <p id="status" role="status"></p>
      <p id="alert" role="alert"></p>
      <div class="scroll" role="region" aria-labelledby="heading" tabindex="0">
        <table aria-labelledby="heading">
          <thead><tr>${heads}</tr></thead>
          <tbody></tbody>
        </table>
      </div>${hasActions ? CONFIG : ''}
    </main>
  </body>
</html>
`;
}
