// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The whole way of a matter, in both languages: a person without script raises it, the desk routes
// it, the office admits, assigns and answers it, the person comes back with the code and rates it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { openTown } from './town.mjs';
import { act, checkPersonPage, comeBack, raise, rate, weighPerson } from './steps.mjs';

const MATTERS = {
  en: {
    kind: 'help', identity: 'known', name: 'An Ning', place: 'Gate 4',
    title: 'No light on the stairs at gate 4',
    text: 'The stairs at gate 4 have had no light since Monday.',
    wish: 'Please repair the lamp.',
    route: 'Gate 4 stands on your list.',
    asked: 'That the lamp be repaired.', found: 'The lamp was broken; a new one is in.',
    basis: 'Town lighting rules, section 4.', remedy: 'The lamp burns again.',
    where: 'Qingshi Town Office',
  },
  'zh-CN': {
    kind: 'complaint', identity: 'anonymous', name: '安宁', place: '4号门',
    title: '4号门楼梯没有灯',
    text: '从星期一起，4号门的楼梯一直没有灯。',
    wish: '请把灯修好。',
    route: '4号门在你单位管养清单上。',
    asked: '修好楼梯灯。', found: '灯泡损坏，已更换。',
    basis: '《镇区照明管理办法》第四条。', remedy: '楼梯灯已恢复照明。',
    where: '青石镇人民政府',
  },
};
const ANSWER_WAITS_MS = 31_000;
const inTwoWeeks = () => new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);

let town;
before(async () => {
  town = await openTown();
});
after(async () => {
  await town?.close();
});

for (const [lang, words] of Object.entries(MATTERS)) {
  describe(`a matter in ${lang}`, () => {
    const m = { ...words };
    let person;

    test(`${lang}: a person raises it without script and gets a code`, async () => {
      person = await town.person({ lang });
      await weighPerson(person, '/');
      assert.equal(await person.locator('html').getAttribute('lang'), lang);
      await raise(person, m);
      await weighPerson(person, '/raise');
      await person.context().close();
    });

    test(`${lang}: the desk finds it, routes it, the office answers`, async () => {
      const desk = await town.signIn('desk', lang);
      await act(desk, m, 'route', { to: 'town.works', text: m.route });
      await desk.context().close();

      const lead = await town.signIn('works.lead', lang);
      await act(lead, m, 'admit');
      await act(lead, m, 'assign', { handler: 'works' });
      await lead.context().close();

      const handler = await town.signIn('works', lang);
      await act(handler, m, 'answer', {
        asked: m.asked, found: m.found, outcome: 'supported', basis: m.basis,
        review_where: m.where, remedy: m.remedy, remedy_day: inTwoWeeks(),
      });
      await handler.waitForTimeout(ANSWER_WAITS_MS);
      await act(handler, m, 'deliver', { how: 'page' });
      await handler.context().close();
    });

    test(`${lang}: the person comes back, reads the answer and rates it`, async () => {
      person = await town.person({ lang });
      await comeBack(person, m);
      const page = await person.locator('main').innerText();
      for (const part of [m.asked, m.found, m.basis, m.remedy]) assert.ok(page.includes(part));
      await rate(person, 5);
      await person.context().close();
    });
  });
}

test('a wrong code is a typing mistake, and says nothing about any matter', async () => {
  const person = await town.person();
  await person.goto('/back');
  await person.fill('[name=code]', '1234 5678 9012 3456 7890 1234');
  await person.locator('form[action="/back"] button').click();
  await checkPersonPage(person, 'back, wrong code');
  assert.equal(await person.locator('.hy-ref').count(), 0);
  await person.context().close();
});

test('the pages hold at 320 pixels and at large print', async () => {
  const person = await town.person({ viewport: { width: 320, height: 640 } });
  for (const path of ['/', '/raise', '/back', '/rights']) {
    await person.goto(path);
    const wide = await person.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 320, `${path} is ${wide} pixels wide on a screen of 320`);
    await checkPersonPage(person, `${path} at 320`);
  }
  await person.context().close();
});
