// SPDX-License-Identifier: AGPL-3.0-or-later
//
// pictures: the screenshots of the manual, from a demo town made for them, in both languages.
import { join } from 'node:path';
import { openTown } from './town.mjs';
import { raise } from './steps.mjs';

const folder = process.env.HUIYIN_PICTURES;
const SCREEN = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const CASE = {
  en: { kind: 'help', identity: 'known', name: 'An Ning', place: 'Gate 4',
    title: 'No light on the stairs at gate 4',
    text: 'The stairs at gate 4 have had no light since Monday.', wish: 'Please repair the lamp.' },
  'zh-CN': { kind: 'help', identity: 'known', name: '安宁', place: '4号门',
    title: '4号门楼梯没有灯', text: '从星期一起，4号门的楼梯一直没有灯。', wish: '请把灯修好。' },
};

const town = await openTown();
try {
  for (const lang of ['en', 'zh-CN']) {
    const shot = (page, name) =>
      page.screenshot({ path: join(folder, `${name}.${lang}.png`), fullPage: true });
    const person = await town.person({ lang, viewport: PHONE });
    await raise(person, { ...CASE[lang] }, async (page, name) => {
      if (['start', 'raise kind', 'raise what', 'raise code', 'raise sent'].includes(name))
        await shot(page, name.replace(' ', '-'));
    });
    await person.goto('/mine');
    await shot(person, 'mine');
    await person.context().close();

    const staff = await town.signIn('works.lead', lang, { viewport: SCREEN });
    await staff.goto('/desk?whose=all');
    await staff.screenshot({ path: join(folder, `desk.${lang}.png`) });
    await staff.goto('/desk/late');
    await staff.screenshot({ path: join(folder, `late.${lang}.png`) });
    await staff.goto('/desk?whose=all');
    await staff.locator('.hy-queue a[href^="/desk/m/"]').first().click();
    await shot(staff, 'matter');
    await staff.context().close();

    const desk = await town.signIn('desk', lang, { viewport: SCREEN });
    await desk.goto('/desk/new');
    await shot(desk, 'intake');
    await desk.context().close();
  }
} finally {
  await town.close();
}
