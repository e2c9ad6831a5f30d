// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What the desk's script adds, in both languages: similar matters while one types, the office's
// texts by `::`, and text that survives until the server took it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { check, openTown } from './town.mjs';

const WORDS = {
  en: { name: 'Thanks', text: 'About {ref}: thank you.', colons: '::', sealed: 'Sealed matter',
    filled: /^About .{9}: thank/ },
  'zh-CN': { name: '致谢', text: '关于{ref}：谢谢反映。', colons: '：：', sealed: '封存事项',
    filled: /^关于.{9}：谢谢/ },
};

let town;
before(async () => {
  town = await openTown();
});
after(async () => {
  await town?.close();
});

for (const [lang, words] of Object.entries(WORDS)) {
  test(`${lang}: intake shows similar matters while one types`, async () => {
    const page = await town.signIn('desk', lang);
    await page.goto('/desk?whose=all');
    await check(page, 'work');
    const open = page.locator('.hy-queue a[href^="/desk/m/"]', { hasNotText: words.sealed });
    const title = await open.first().innerText();
    await page.goto('/desk/new');
    const found = page.locator('.hy-similar li a');
    await page.locator('#title').fill(title);
    await found.first().waitFor();
    assert.ok((await found.count()) <= 5);
    assert.ok(await page.locator('button[name=similar]').isHidden());
    await check(page, 'intake with similar matters');
    await page.locator('#title').fill('');
    await page.waitForFunction(() => document.querySelector('.hy-similar').children.length === 0);
    await page.context().close();
  });

  test(`${lang}: two colons insert a text of the office, and what is typed survives`, async () => {
    const page = await town.signIn('works.lead', lang);
    await page.goto('/desk/texts');
    await page.fill('#x-name', words.name);
    await page.fill('#x-text', words.text);
    await page.locator('form[action="/desk/texts"] button').first().click();
    await check(page, 'texts of the office');
    await page.goto('/desk?whose=all');
    await page.locator('.hy-queue a[href^="/desk/m/"]').first().click();
    const note = page.locator('#note-text');
    await page.locator('#act-note summary').click();
    await note.pressSequentially(words.colons);
    const list = page.getByRole('listbox');
    assert.ok(await list.evaluate((l) => l === document.activeElement));
    await check(page, 'listbox of texts');
    await page.keyboard.press('Escape');
    assert.equal(await note.inputValue(), words.colons);
    await note.fill('');
    await note.pressSequentially(words.colons);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.equal(await list.count(), 0);
    assert.match(await note.inputValue(), /[0-9A-Z]{4}-[0-9A-Z]{4}/);
    await note.fill('');
    await note.pressSequentially(words.colons);
    await page.getByRole('option', { name: words.name }).click();
    assert.match(await note.inputValue(), words.filled);
    await page.reload();
    assert.match(await note.inputValue(), words.filled);
    await page.locator('#act-note button').click();
    await page.waitForLoadState();
    assert.equal(await page.locator('#note-text').inputValue(), '');
    await page.context().close();
  });
}
