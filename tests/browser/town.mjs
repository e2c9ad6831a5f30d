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
const READY_MS = 60_000;

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
  const data = mkdtempSync(join(tmpdir(), 'huiyin-walk-'));
  const made = execFileSync(binary, ['init', '--data', data, '--demo'], { encoding: 'utf8' });
  const server = serve(binary, data);
  const base = await server.address;
  const browser = await openBrowser();
  const open = async (lang, options) => {
    const context = await browser.newContext({ baseURL: base, locale: lang, ...options });
    context.setDefaultTimeout(20_000);
    return context.newPage();
  };
  return {
    base,
    made,
    browser,
    // A page of somebody who raises a matter: script is off.
    person: ({ lang = 'en', ...rest } = {}) => open(lang, { javaScriptEnabled: false, ...rest }),
    // A page of a member of staff.
    staff: ({ lang = 'en', ...rest } = {}) => open(lang, rest),
    async close() {
      await browser.close();
      const gone = new Promise((resolve) => server.child.on('exit', resolve));
      server.child.kill('SIGTERM');
      const code = await Promise.race([
        gone,
        new Promise((resolve) => setTimeout(() => resolve('still there after 15 s'), 15_000)),
      ]);
      if (code !== 0) server.child.kill('SIGKILL');
      rmSync(data, { recursive: true, force: true });
      assert.equal(code, 0, `the server did not end well:\n${server.said()}`);
    },
  };
}

// Runs axe on what the page shows. Axe is itself a script and needs timers, so it reads a twin: the
// same HTML at the same address with the same styles, in a context that has script.
export async function check(page, name) {
  const html = await page.content();
  const address = page.url();
  const context = await page.context().browser().newContext({ viewport: page.viewportSize() });
  const twin = await context.newPage();
  await twin.route('**/*', (route) =>
    route.request().resourceType() === 'document'
      ? route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' })
      : route.continue(),
  );
  await twin.goto(address);
  await twin.evaluate(axeSource);
  const found = await twin.evaluate(
    (tags) => globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags } }),
    AXE_TAGS,
  );
  await context.close();
  const said = found.violations.map(
    (v) => `${v.id}: ${v.help}\n    ${v.nodes.map((n) => n.target.join(' ')).join('\n    ')}`,
  );
  assert.equal(said.length, 0, `axe on ${name} (${address}):\n  ${said.join('\n  ')}`);
}
