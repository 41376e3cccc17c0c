import { PLAN_SCRIPT } from './plan-script.js';

/**
 * What the page does. Texts of servers become text and nothing else (`textContent`), and a row is changed
 * cell by cell, so that an update takes away neither the focus nor what is selected.
 */
export const PAGE_SCRIPT = String.raw`'use strict';
(() => {
  const PLOT_MS = 5 * 60 * 1000;
  const SVG = 'http://www.w3.org/2000/svg';
  const byId = (id) => document.getElementById(id);
  const hasActions = document.documentElement.dataset.actions === 'true';
  const body = document.querySelector('tbody');
  const filter = byId('filter');
  const rows = new Map();

  const setText = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };
  const is = (cell, kind) => {
    if (cell.dataset.is !== kind) cell.dataset.is = kind;
  };

  function tell(message, isRefused) {
    setText(byId('status'), isRefused ? '' : message);
    // The same words again are news, too.
    byId('alert').textContent = '';
    if (isRefused) byId('alert').textContent = message;
  }

  async function post(path, asked) {
    try {
      const response = await fetch(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(asked),
      });
      const answer = await response.json().catch(() => ({ message: 'Refused with status ' + response.status }));
      tell(answer.message, !response.ok);
      return response.ok ? answer : undefined;
    } catch {
      tell('There was no answer: the server may be gone', true);
      return undefined;
    }
  }

  function makeRow(name) {
    const tr = document.createElement('tr');
    const cells = {};
    for (const key of ['name', 'bind', 'expose', 'protocol', 'state', 'health', 'certificate', 'connections', 'rate', 'latency']) {
      cells[key] = tr.appendChild(document.createElement('td'));
    }
    const latency = cells.latency.appendChild(document.createElement('span'));
    if (hasActions) {
      const buttons = tr.appendChild(document.createElement('td'));
      buttons.className = 'buttons';
      for (const verb of ['Start', 'Stop', 'Restart']) {
        const button = buttons.appendChild(document.createElement('button'));
        button.type = 'button';
        button.textContent = verb;
        button.setAttribute('aria-label', verb + ' ' + name);
        button.addEventListener('click', () => {
          tell(verb + ' ' + name + ': asked for, see its state', false);
          void post('dashboard/action', { action: verb.toLowerCase(), server: name });
        });
      }
    }
    const row = { tr, cells, latency, line: undefined, points: [], data: undefined };
    rows.set(name, row);
    body.append(tr);
    return row;
  }

  const counted = (count, one) => count + ' ' + one + (count === 1 ? '' : 's');

  function stateText({ state, inFlight, connections }) {
    if (state !== 'draining') return state;
    return 'draining: ' + counted(inFlight, 'request') + ', ' + counted(connections, 'connection') + ' left';
  }

  function connectionsText({ connections, kinds }) {
    const parts = Object.entries(kinds).map(([kind, count]) => count + ' ' + kind);
    return parts.length === 0 ? String(connections) : connections + ' (' + parts.join(', ') + ')';
  }

  function certificateText(certificate) {
    if (certificate === undefined) return '–';
    const { days } = certificate;
    return days < 0 ? 'expired' : counted(days, 'day');
  }

  function show(data) {
    const row = rows.get(data.name) ?? makeRow(data.name);
    const { cells } = row;
    row.data = data;
    setText(cells.name, data.name);
    setText(cells.bind, data.bind);
    setText(cells.expose, data.expose);
    setText(cells.protocol, data.protocol);
    setText(cells.state, stateText(data));
    is(cells.state, { running: 'good', failed: 'bad', draining: 'warn', starting: 'warn' }[data.state] ?? '');
    setText(cells.health, data.reason === undefined ? data.health : data.health + ': ' + data.reason);
    is(cells.health, { up: 'good', degraded: 'warn', down: 'bad' }[data.health] ?? '');
    setText(cells.certificate, certificateText(data.certificate));
    is(cells.certificate, data.certificate?.days < 0 ? 'bad' : data.certificate?.isDue ? 'warn' : '');
    setText(cells.connections, connectionsText(data));
    setText(cells.rate, String(data.rate));
    setText(row.latency, data.p50 === undefined ? '–' : data.p50 + ' / ' + data.p99 + ' ms');
    if (data.p99 !== undefined) row.points.push([Date.now(), data.p99]);
    plot(row);
    filterRow(row);
  }

  function plot(row) {
    const now = Date.now();
    while (row.points.length > 0 && row.points[0][0] < now - PLOT_MS) row.points.shift();
    if (row.line === undefined) {
      if (row.points.length < 2) return;
      const svg = document.createElementNS(SVG, 'svg');
      svg.setAttribute('viewBox', '0 0 100 20');
      svg.setAttribute('preserveAspectRatio', 'none');
      svg.setAttribute('aria-hidden', 'true');
      row.line = svg.appendChild(document.createElementNS(SVG, 'polyline'));
      row.cells.latency.append(svg);
    }
    const top = Math.max(1, ...row.points.map(([, ms]) => ms));
    const points = row.points.map(
      ([at, ms]) => (100 - ((now - at) / PLOT_MS) * 100).toFixed(1) + ',' + (19 - (ms / top) * 18).toFixed(1),
    );
    row.line.setAttribute('points', points.join(' '));
  }

  function filterRow({ tr, data }) {
    const wanted = filter.value.trim().toLowerCase();
    const isShown = [data.name, data.bind, data.expose].some((text) => text.toLowerCase().includes(wanted));
    if (tr.hidden === isShown) tr.hidden = !isShown;
  }

  function count() {
    const shown = [...rows.values()].filter(({ tr }) => !tr.hidden).length;
    setText(byId('count'), shown === rows.size ? counted(shown, 'server') : shown + ' of ' + counted(rows.size, 'server'));
  }

  function remove(name) {
    const row = rows.get(name);
    if (row === undefined) return;
    if (row.tr.contains(document.activeElement)) filter.focus();
    row.tr.remove();
    rows.delete(name);
  }

  filter.addEventListener('input', () => {
    for (const row of rows.values()) filterRow(row);
    count();
  });

  function connect() {
    const source = new EventSource('dashboard/events');
    const on = (event, take) =>
      source.addEventListener(event, ({ data }) => {
        take(JSON.parse(data));
        count();
      });
    on('all', (all) => {
      setText(byId('connection'), 'Live.');
      const names = new Set(all.map(({ name }) => name));
      for (const name of [...rows.keys()]) if (!names.has(name)) remove(name);
      all.forEach(show);
    });
    on('change', (changed) => changed.forEach(show));
    on('gone', (gone) => gone.forEach(remove));
    source.addEventListener('error', () => {
      setText(byId('connection'), 'Not connected: what is shown is old. Trying again…');
      // A browser tries again by itself only after some failures.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(connect, 2000);
    });
  }

  // A plot moves on while its server is idle.
  setInterval(() => {
    if (document.hidden) return;
    for (const row of rows.values()) if (row.points.length > 0 && !row.tr.hidden) plot(row);
  }, 5000);

${PLAN_SCRIPT}
  if (hasActions) offerPlan({ byId, post, tell });
  connect();
})();
`;
