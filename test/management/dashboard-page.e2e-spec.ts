import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import type { HttpPoolModuleOptions } from '../../lib/index.js';
import { Opened, platforms } from '../nest/support/adapters.js';
import { gate } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { dashboarded } from './dashboard-support.js';
import type { Make, Managed } from './support.js';

const make = platforms[0]!.create as Make;
const MARKUP = '<img src=x onerror="document.title=1"><b>&amp;';
const SERVERS = [
  { name: 'public', listen: LOOPBACK, expose: 'https://shop.example' },
  { name: 'internal', listen: '[::1]:0' },
  { name: MARKUP, listen: LOOPBACK },
];
const SCREENSHOTS = 'coverage/screenshots';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** All that the tests use of what the page has; they are compiled without the DOM. */
interface PageGlobals {
  axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: unknown[] }[] }> };
  document: { activeElement: { getAttribute(name: string): string | null; id: string } };
}

describe('the page of the dashboard in Chromium', () => {
  const opened = new Opened();
  let browser: Browser;

  beforeAll(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  afterAll(() => browser?.close());
  afterEach(() => opened.closeAll());

  /** Opens the page as a person does, and holds it to its policy. */
  const visit = async (
    application: Managed,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; complaints: string[] }> => {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width: 1500, height: 900 },
    });
    opened.add(context, (one) => one.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // What was refused is told in the console, too.
      const isExpected = /status of 4\d\d|favicon/.test(message.text() + message.location().url);
      if (message.type() === 'error' && !isExpected) complaints.push(message.text());
    });
    page.on('dialog', (dialog) => void dialog.dismiss());
    await page.goto(application.url('/'));
    await rowOf(page, 'management').waitFor();
    return { page, complaints };
  };

  const acting = (
    actions: (request: IncomingMessage) => boolean = () => true,
    more: Partial<HttpPoolModuleOptions> = {},
  ): Promise<Managed> => dashboarded(opened, make, { actions }, { servers: SERVERS, ...more });

  function rowOf(page: Page, name: string): Locator {
    return page.getByRole('row').filter({ has: page.getByRole('cell', { name, exact: true }) });
  }
  const press = (page: Page, name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).click();
  const shows = (page: Page, role: 'status' | 'alert', text: RegExp): Promise<void> =>
    page.getByRole(role).filter({ hasText: text }).waitFor();
  const focused = (page: Page): Promise<string> =>
    page.evaluate(() => {
      const { activeElement } = (globalThis as unknown as PageGlobals).document;
      return activeElement.getAttribute('aria-label') ?? activeElement.id;
    });

  it('shows a table with a row for each server, live, and no button without actions', async () => {
    const application = await dashboarded(opened, make, true, { servers: SERVERS });
    const { page, complaints } = await visit(application);
    expect(await page.title()).toBe('Servers - nestjs-http-pool');
    expect(await page.getByRole('columnheader').allTextContents()).toEqual([
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
    ]);
    expect(await rowOf(page, 'public').getByRole('cell').allTextContents()).toEqual([
      'public',
      '127.0.0.1:0',
      'https://shop.example',
      'http1',
      'running',
      'up',
      '–',
      '0',
      '0',
      '–',
    ]);
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await page.getByLabel('Config (JSON)').count()).toBe(0);
    await application.pool.get('public')!.stop();
    await rowOf(page, 'public').getByText('down: it is stopped').waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows how many requests come and how long they take', async () => {
    const application = await dashboarded(opened, make, true, { servers: SERVERS });
    const { page } = await visit(application);
    for (const times of [1, 2]) {
      await ask(application.url('/', 'public'));
      await rowOf(page, 'public')
        .getByText(/^[\d.]+ \/ [\d.]+ ms$/)
        .waitFor();
      if (times === 1) await rowOf(page, 'public').getByText('–', { exact: true }).nth(1).waitFor();
    }
    await rowOf(page, 'public').locator('svg polyline[points]').waitFor();
  });

  it('shows markup in a name as text', async () => {
    const application = await acting();
    const { page, complaints } = await visit(application);
    await rowOf(page, MARKUP).waitFor();
    expect(await page.locator('img, b').count()).toBe(0);
    await press(page, `Stop ${MARKUP}`);
    await shows(page, 'status', /^Stopped in .*<img src=x/);
    expect(await page.locator('img, b').count()).toBe(0);
    expect(await page.title()).toBe('Servers - nestjs-http-pool');
    expect(complaints).toEqual([]);
  });

  it('filters by name, bind and expose, and keeps filter and focus through updates', async () => {
    const application = await acting();
    const { page } = await visit(application);
    const filter = page.getByLabel('Filter');
    const names = async (): Promise<string[]> =>
      page.locator('tbody tr:visible td:first-child').allTextContents();
    await filter.fill('PUBL');
    expect(await names()).toEqual(['public']);
    await page.getByText('1 of 4 servers').waitFor();
    await filter.fill('::1');
    expect(await names()).toEqual(['internal']);
    await filter.fill('shop.example');
    expect(await names()).toEqual(['public']);
    const stop = page.getByRole('button', { name: 'Stop public' });
    await stop.focus();
    await application.pool.get('public')!.stop();
    await rowOf(page, 'public').getByText('stopped', { exact: true }).waitFor();
    await application.pool.storeNew({
      name: 'late',
      listen: '[::1]:0',
      expose: 'http://late.example',
    });
    await page.getByText('1 of 5 servers').waitFor();
    expect(await focused(page)).toBe('Stop public');
    expect([await filter.inputValue(), await names()]).toEqual(['shop.example', ['public']]);
    await filter.fill('nothing is called so');
    expect(await names()).toEqual([]);
    await filter.fill('');
    expect(await names()).toHaveLength(5);
  });

  it('is usable by keyboard: stops, starts and restarts', async () => {
    const application = await acting();
    const { page } = await visit(application);
    await page.getByLabel('Filter').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Start public');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Stop public');
    await page.keyboard.press('Enter');
    await shows(page, 'status', /^Stopped in \d+ ms.*: public$/);
    await rowOf(page, 'public').getByText('stopped', { exact: true }).waitFor();
    expect(await focused(page)).toBe('Stop public');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    await shows(page, 'status', /^Started: public$/);
    await press(page, 'Restart public');
    await shows(page, 'status', /^Restarted: public$/);
    expect(application.pool.get('public')!.state).toBe('running');
  });

  it('shows the progress of a drain', async () => {
    const { opened: held, open: letGo } = gate();
    const handlers = () => ({
      default: async (_request: unknown, response: { end(text: string): unknown }) => {
        await held;
        response.end('late');
      },
    });
    const application = await acting(undefined, { handlers } as Partial<HttpPoolModuleOptions>);
    const { page } = await visit(application);
    const answer = ask(application.url('/', 'public'));
    await rowOf(page, 'public').getByText('1 (1 http1)').waitFor();
    await press(page, 'Stop public');
    await rowOf(page, 'public').getByText('draining: 1 request, 1 connection left').waitFor();
    await page.screenshot({ path: `${SCREENSHOTS}/draining.png` });
    letGo();
    expect((await answer).body).toBe('late');
    await shows(page, 'status', /1 requests? finished, 0 connections cut: public$/);
  });

  it('tells what was refused', async () => {
    const application = await acting(() => false);
    const { page } = await visit(application);
    await press(page, 'Stop public');
    await shows(page, 'alert', /^Refused: you may not do this$/);
    await press(page, 'Show plan');
    await shows(page, 'alert', /^Refused: /);
    expect(application.pool.get('public')!.state).toBe('running');
    await page.screenshot({ path: `${SCREENSHOTS}/refused.png` });
  });

  it('shows the plan of a pasted config before it is applied', async () => {
    const application = await acting();
    const { page } = await visit(application);
    const config = page.getByLabel('Config (JSON)');
    const apply = page.getByRole('button', { name: 'Apply plan' });
    await config.fill('[{ "name": "x" }, ');
    await press(page, 'Show plan');
    await shows(page, 'alert', /line 1, column \d+ is no valid JSON/);
    expect(await apply.isVisible()).toBe(false);
    await config.fill(JSON.stringify([SERVERS[0], { name: 'late', listen: LOOPBACK }]));
    await press(page, 'Show plan');
    await apply.waitFor();
    const steps = await page.getByRole('listitem').allTextContents();
    expect(steps).toContain('keep public (127.0.0.1:0)');
    expect(steps).toContain('remove internal ([::1]:0)');
    expect(application.pool.get('late')).toBeUndefined();
    await page.screenshot({ path: `${SCREENSHOTS}/plan.png`, fullPage: true });
    // Another text is not what was shown.
    await config.press('End');
    await config.pressSequentially(' ');
    expect(await apply.isVisible()).toBe(false);
    await press(page, 'Show plan');
    await apply.click();
    await shows(page, 'status', /^Applied$/);
    await rowOf(page, 'late').waitFor();
    await rowOf(page, 'internal').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('plan');
  });

  it('comes back by itself when its server is restarted', async () => {
    const application = await acting();
    const { page } = await visit(application);
    await page.getByLabel('Filter').fill('public');
    await press(page, 'Restart public');
    await application.pool.get('management')!.restart();
    await application.pool.get('public')!.stop();
    await rowOf(page, 'public').getByText('stopped', { exact: true }).waitFor();
    expect(await page.getByLabel('Filter').inputValue()).toBe('public');
  });

  it.each(['light', 'dark'] as const)(
    'has no serious fault for screen readers, %s',
    async (scheme) => {
      const application = await acting();
      const { page } = await visit(application, scheme);
      await application.pool.get('internal')!.stop();
      await rowOf(page, 'internal').getByText('down: it is stopped').waitFor();
      await page.getByLabel('Config (JSON)').fill('[');
      await press(page, 'Show plan');
      await shows(page, 'alert', /Refused/);
      await page.screenshot({ path: `${SCREENSHOTS}/${scheme}.png`, fullPage: true });
      await page.getByLabel('Config (JSON)').fill(JSON.stringify(SERVERS));
      await press(page, 'Show plan');
      await page.getByRole('button', { name: 'Apply plan' }).waitFor();
      // Evaluated by the debugger, which the page's policy is not about.
      await page.evaluate(await readFile(AXE, 'utf8'));
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as PageGlobals).axe.run(),
      );
      expect(violations.map(({ id, impact, nodes }) => [id, impact, nodes.length])).toEqual([]);
    },
  );

  it('shows a thousand servers', async () => {
    const servers = Array.from({ length: 1000 }, (_, index) => ({
      name: `server-${index}`,
      listen: `127.0.0.1:${10_000 + index}`,
      disabled: true,
    }));
    const application = await acting(undefined, { servers });
    const { page } = await visit(application);
    await page.getByText('1001 servers').waitFor();
    await page.getByLabel('Filter').fill('server-99');
    await page.getByText('11 of 1001 servers').waitFor();
    await page.screenshot({ path: `${SCREENSHOTS}/thousand.png` });
  });
});
