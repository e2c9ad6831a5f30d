// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The walks rely on check() finding faults on pages without script; here it is given one of each.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { openBrowser, check } from './town.mjs';

const PAGES = {
  '/good': '<html lang="en"><title>Good</title><body><main><h1>Good</h1></main></body></html>',
  '/bad':
    '<html lang="en"><title>Bad</title><body><main><h1>Bad</h1><img src="x.png">' +
    '<form><input name="a"></form></main></body></html>',
};

test('axe passes a good page and names what is wrong with a bad one, script off', async () => {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.setHeader('content-security-policy', "default-src 'none'");
    response.end(PAGES[request.url] ?? '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await openBrowser();
  try {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const base = `http://127.0.0.1:${server.address().port}`;
    await page.goto(`${base}/good`);
    await check(page, 'good');
    await page.goto(`${base}/bad`);
    await assert.rejects(check(page, 'bad'), /image-alt[\s\S]*label/);
  } finally {
    await browser.close();
    server.close();
  }
});
