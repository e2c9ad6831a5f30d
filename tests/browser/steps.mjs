// SPDX-License-Identifier: AGPL-3.0-or-later
//
// steps: what people and officers do on the pages, in the words of the forms; the same in every
// language. Each step leaves the page where the site leads, and every page passed is checked.
import assert from 'node:assert/strict';
import { check } from './town.mjs';

const PERSON_BYTES_MAX = 60 * 1024;

// A person's page: no script at all, and light enough for an old telephone.
export async function checkPersonPage(page, name) {
  assert.equal(await page.locator('script').count(), 0, `${name} has a script`);
  await check(page, name);
}

// What the page and all it needs weigh on the wire, from a cold cache.
export async function weighPerson(page, path) {
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  await client.send('Network.setCacheDisabled', { cacheDisabled: true });
  let bytes = 0;
  client.on('Network.loadingFinished', (event) => {
    bytes += event.encodedDataLength;
  });
  await page.goto(path, { waitUntil: 'networkidle' });
  await client.detach();
  assert.ok(bytes > 0 && bytes <= PERSON_BYTES_MAX, `${path} weighs ${bytes} bytes`);
  return bytes;
}

// Chooses a radio button as people do: by what is written beside it.
async function choose(page, name, value) {
  const id = await page.locator(`input[name=${name}][value="${value}"]`).getAttribute('id');
  await page.locator(`label[for="${id}"]`).click();
}

// One page of the way through /raise: fills in what is asked there.
const RAISE = {
  async kind(page, m) {
    await choose(page, 'kind', m.kind);
  },
  async what(page, m) {
    await page.fill('[name=title]', m.title);
    await page.fill('[name=text]', m.text);
    await page.fill('[name=place]', m.place);
  },
  async asked(page, m) {
    for (const field of await page.locator('main input[type=text], main textarea').all()) {
      if ((await field.inputValue()) === '') await field.fill(m.place);
    }
  },
  async wish(page, m) {
    await page.fill('[name=wish]', m.wish);
  },
  async identity(page, m) {
    await choose(page, 'identity', m.identity);
  },
  async tell(page, m) {
    await page.fill('[name=name]', m.name);
    await page.fill('[name=phone]', '000-5550177');
  },
  async first() {},
  async check() {},
  async code(page, m) {
    const code = (await page.locator('.hy-code').innerText()).replace(/\D/g, '');
    assert.equal(code.length, 24, 'a code has 24 digits');
    m.code = code;
    await page.fill('[name=last4]', code.slice(-4));
  },
};

// Raises a matter from the start page to the receipt; gives m.code and m.ref.
export async function raise(page, m, see = checkPersonPage) {
  await page.goto('/');
  await see(page, 'start');
  await page.click('a[href="/raise"]');
  for (let pages = 0; (await page.locator('.hy-ref').count()) === 0; pages++) {
    assert.ok(pages < 20, `the way through /raise does not end: ${await page.title()}`);
    const step = await page.locator('main input[name=step]').first().inputValue();
    await see(page, `raise ${step}`);
    assert.ok(RAISE[step], `nobody knows how to answer the page "${step}"`);
    await RAISE[step](page, m);
    await page.locator('button[name=go][value=next]:not(.hy-hidden)').click();
  }
  m.ref = (await page.locator('.hy-ref').first().innerText()).trim();
  assert.match(m.ref, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  await see(page, 'raise sent');
}

// Comes back with the code.
export async function comeBack(page, m, see = checkPersonPage) {
  await page.goto('/back');
  await see(page, 'back');
  await page.fill('[name=code]', m.code.replace(/(....)(?=.)/g, '$1 '));
  await page.locator('form[action="/back"] button').click();
  assert.equal((await page.locator('h1 .hy-ref').innerText()).trim(), m.ref);
  await see(page, 'mine');
}

export async function rate(page, stars) {
  await choose(page, 'stars', stars);
  await page.locator('button[name=act][value=solved]').click();
  await page.locator('.hy-done').waitFor();
  await checkPersonPage(page, 'mine, rated');
}

// Opens the matter and takes one step of it: the form stands in a <details> of the step's name.
export async function act(page, m, word, fields = {}) {
  await page.goto(`/desk/m/${m.ref}`);
  await check(page, `matter before ${word}`);
  const details = page.locator(`#act-${word}`);
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click();
  for (const [name, value] of Object.entries(fields)) {
    const field = details.locator(`[name=${name}]`);
    const tag = await field.evaluate((element) => element.tagName);
    if (tag === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
  await details.locator('form button').last().click();
  await page.waitForLoadState();
  const fault = page.locator('.hy-fault-box');
  if ((await fault.count()) > 0) assert.fail(`${word} was refused: ${await fault.innerText()}`);
  await check(page, `matter after ${word}`);
}
