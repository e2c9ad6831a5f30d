// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The administrator's pages: an office is told what it answers for, and says so; every page is
// accessible in both languages.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { openTown, check } from './town.mjs';

const PAGES = [
  '/admin',
  '/admin/office/town.works',
  '/admin/office/district',
  '/admin/officer/works',
  '/admin/log',
  '/desk/account',
];

let town;
let page;

before(async () => {
  town = await openTown();
  page = await town.signIn('admin');
});

after(async () => {
  await town?.close();
});

test('the pages of an administrator are accessible in both languages', async () => {
  for (const lang of ['zh-CN', 'en']) {
    for (const path of PAGES) {
      await page.goto(`${path}?lang=${lang}`);
      await check(page, `${path} in ${lang}`);
    }
  }
});

test('an office is told what it answers for, and the list of offices says so', async () => {
  await page.goto('/admin');
  await page.click('a:text-is("town.works")');
  const kind = await page.locator('#kind option').nth(1).innerText();
  await page.selectOption('#kind', { index: 1 });
  await page.fill('#where', 'East Street');
  await page.locator('form[action$="/remit"] button').click();
  await page.waitForLoadState();
  const remit = page.locator('li', { hasText: `${kind} · East Street` });
  assert.equal(await remit.count(), 1);
  await page.goto('/admin');
  const row = page.locator('tr', { has: page.locator('a:text-is("town.works")') });
  assert.ok((await row.innerText()).includes(`${kind}, East Street`));
  await page.goto('/admin/office/town.works');
  await page.click(`button[aria-label="Remove: ${kind}, East Street"]`);
  await page.waitForLoadState();
  assert.equal(await remit.count(), 0);
});

test('what cannot be done is told beside the form', async () => {
  await page.goto('/admin/office/town.hall');
  await page.locator('form[action$="/remit-end"] button').click();
  await page.waitForLoadState();
  assert.match(await page.locator('[role=alert]').innerText(), /otherwise some matters/);
  await check(page, 'the last office for everything');
  await page.goto('/admin/officer/works');
  await page.locator('form[action$="/reset"] button').click();
  await page.waitForLoadState();
  assert.match(await page.locator('[role=alert]').innerText(), /seven days/);
  await check(page, 'an administrator alone');
});
