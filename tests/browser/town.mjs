// SPDX-License-Identifier: AGPL-3.0-or-later
//
// town: what every walk needs: a served demo town on a port of its own, a browser, and the two
// questions asked of every page: is it accessible (axe), and did it stay quiet (no failed request,
// no script on a person's page).
//
//     const town = await openTown();
//     const page = await town.person({ lang: 'zh-CN' });
//     await check(page, 'start');
//     await town.close();
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const axeSource = readFileSync(axePath, 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const READY_MS = 120_000;
const STEP_MS = 60_000;
const SECOND_FACTOR_MS = 30_000;
const PASSWORD = /password "([^"]+)"/;

// Starts the server on a free port; resolves with its address once it says so.
function serve(binary, data) {
  const child = spawn(binary, ['serve', '--data', data, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const address = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no address in time:\n${said}`)), READY_MS);
    const hear = (bytes) => {
      said += bytes;
      const match = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (match) {
        clearTimeout(late);
        resolve(match[0]);
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`serve ended with ${code}:\n${said}`));
    });
  });
  return { child, address, said: () => said };
}

export function openBrowser() {
  return chromium.launch({ executablePath: join(here, 'chromium') });
}

export async function openTown() {
  const binary = process.env.HUIYIN_BINARY;
  const folder = mkdtempSync(join(tmpdir(), 'huiyin-walk-'));
  const data = join(folder, 'town');
  const made = execFileSync(binary, ['init', '--data', data, '--demo'], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  const server = serve(binary, data);
  let base, browser;
  try {
    base = await server.address;
    browser = await openBrowser();
  } catch (error) {
    // Left alone it would keep the test waiting for ever.
    server.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const open = async (lang, options) => {
    const context = await browser.newContext({ baseURL: base, locale: lang, ...options });
    context.setDefaultTimeout(STEP_MS);
    return context.newPage();
  };
  return {
    base,
    made,
    browser,
    // A page of somebody who raises a matter: script is off.
    person: ({ lang = 'en', ...rest } = {}) => open(lang, { javaScriptEnabled: false, ...rest }),
    // A page of a member of staff who has just signed in. A second factor is good once, so a second
    // sign-in of the same person waits for the next one.
    async signIn(login, lang = 'en', options = {}) {
      const page = await open(lang, options);
      for (let tries = 0; tries < 3; tries++) {
        await page.goto(`/sign-in?lang=${lang}`);
        const row = page.locator('tr', { has: page.locator(`td:text-is("${login}")`) });
        await page.fill('[name=login]', login);
        await page.fill('[name=password]', PASSWORD.exec(made)[1]);
        await page.fill('[name=second]', (await row.locator('code').innerText()).trim());
        await page.locator('form[action="/sign-in"] button').click();
        await page.waitForLoadState();
        if (!page.url().includes('/sign-in')) return page;
        await page.waitForTimeout(SECOND_FACTOR_MS - (Date.now() % SECOND_FACTOR_MS) + 500);
      }
      throw new Error(`${login} cannot sign in: ${await page.locator('main').innerText()}`);
    },
    async close() {
      await browser.close();
      const gone = new Promise((resolve) => server.child.on('exit', resolve));
      server.child.kill('SIGTERM');
      const code = await Promise.race([
        gone,
        new Promise((resolve) => setTimeout(() => resolve('still there after 15 s'), 15_000)),
      ]);
      if (code !== 0) server.child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      assert.equal(code, 0, `the server did not end well:\n${server.said()}`);
    },
  };
}

const twins = new WeakMap();

// One context with script per browser, for axe alone.
async function twinOf(page) {
  const browser = page.context().browser();
  if (!twins.has(browser)) {
    const context = await browser.newContext();
    await context.addInitScript(axeSource);
    twins.set(browser, await context.newPage());
  }
  const twin = twins.get(browser);
  await twin.setViewportSize(page.viewportSize());
  return twin;
}

// Runs axe on what the page shows. Axe is itself a script and needs timers, so it reads a twin: the
// same HTML at the same address with the same styles, on a page that has script.
export async function check(page, name) {
  const html = await page.content();
  const address = page.url();
  const twin = await twinOf(page);
  await twin.unrouteAll();
  await twin.route('**/*', (route) =>
    route.request().resourceType() === 'document'
      ? route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' })
      : route.continue(),
  );
  await twin.goto(address);
  const found = await twin.evaluate(
    (tags) =>
      globalThis.axe.run(document, {
        runOnly: { type: 'tag', values: tags },
        resultTypes: ['violations'],
      }),
    AXE_TAGS,
  );
  const said = found.violations.map(
    (v) => `${v.id}: ${v.help}\n    ${v.nodes.map((n) => n.target.join(' ')).join('\n    ')}`,
  );
  assert.equal(said.length, 0, `axe on ${name} (${address}):\n  ${said.join('\n  ')}`);
}
