#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The canary crawl: a matter that two offices were shut out of, and everybody who might look.

    test_canary.py HUIYIN SOURCE STATEMENTS_SO

Everyone who holds a post signs in and follows every link, opens every form, searches, and asks the
API. Whoever may not read the matter finds neither its words nor its reference, and what they get
for its address is byte for byte what they get for a matter that does not exist, by the same
statements in the database.
"""
import os
import re
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from office import Office  # noqa: E402

HUIYIN, STATEMENTS = sys.argv[1], sys.argv[3]
CANARY = "Zwitscherlampe"
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CRAWL_MAX = 400
IDLE_S, TRIES = 3, 3
VOLATILE = ("Date", "Set-Cookie")
TOKEN = rb'(?<=name="csrf" value=")[0-9a-f]{48}(?=")'  # has the second it was made in


def setUpModule():
    global office, ref, ran
    ran = os.path.join(tempfile.mkdtemp(prefix="huiyin-ran-"), "statements")
    asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    env = {"LD_PRELOAD": STATEMENTS, "HUIYIN_STATEMENTS": ran, "ASAN_OPTIONS": asan}
    office = Office(HUIYIN, env=env).__enter__()
    _, ref = shut_out(office.person())


def tearDownModule():
    office.__exit__()


def shut_out(person):
    """Raises the canary; the first office that would read it is refused, as the page offers."""
    m = {"kind": "complaint", "title": CANARY + " at gate 9", "text": CANARY + " is broken.",
         "place": "East Street", "wish": "Mend it", "identity": "sealed"}
    page = person.get("/raise")
    for _ in range(12):
        form = page.form("/raise")
        if form["fields"]["step"] == "first" and ("go", "exclude") in form["buttons"]:
            page = person.send(form, ("go", "exclude"))
            break
        given = {k: v for k, v in m.items() if k in form["fields"] or k in form["choices"]}
        if form["fields"]["step"] == "asked":
            given.update({k: "as said" for k, v in form["fields"].items() if v == ""})
        page = person.send(form, ("go", "next"), **given)
    else:
        raise AssertionError("nobody offered to shut an office out")
    return person.raise_matter(**m)


def absent():
    """References of no matter: one letter changed, with every check letter; one is well spelt."""
    letter = LETTERS[(LETTERS.index(ref[0]) + 1) % len(LETTERS)]
    return [letter + ref[1:-1] + check for check in LETTERS]


def crawl(who):
    """Every page that can be reached by links, and the answer of every search form."""
    seen, todo, pages = {"/sign-in"}, ["/desk", "/desk/late", "/desk/new", "/admin"], []
    while todo and len(pages) < CRAWL_MAX:
        path = todo.pop(0).split("#")[0]
        if path in seen or not path.startswith("/") or path.startswith("//"):
            continue
        seen.add(path)
        page = who.get(path)
        pages.append((path, page))
        todo += [link for link in page.links if "sign-out" not in link]
        todo += [link + "/paper/intake" for link in page.links
                 if re.fullmatch(r"/desk/m/[0-9A-Z-]{9}", link)][:1]
    return pages


class Canary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.logins = office.logins()
        cls.readers = office.readers_of(ref)

    def test_somebody_reads_it_and_not_everybody(self):
        self.assertNotEqual(self.readers, [])
        self.assertGreater(len(self.logins) - len(self.readers), 5)

    def test_nobody_else_meets_it(self):
        pages = 0
        for login in self.logins:
            if login in self.readers:
                continue
            who = office.officer(login)
            for path, page in crawl(who):
                pages += 1
                body = page.body.decode("utf-8", "replace")
                self.assertNotIn(CANARY, body, f"{login} at {path}")
                self.assertNotIn(ref, body, f"{login} at {path}")
            found = who.get("/desk/search")
            if found.status == 200:
                for words in (CANARY, CANARY.lower(), CANARY + " gate", ref):
                    page = who.send(found.form("/desk/search"), words=words)
                    body = page.body.decode("utf-8", "replace").replace(words, "")
                    self.assertNotIn(ref, body, f"{login} searched for {words}")
                    self.assertNotIn(CANARY, body, f"{login} searched for {words}")
        self.assertGreater(pages, 100)

    def test_a_matter_shut_and_a_matter_absent_look_the_same(self):
        for i, login in enumerate(n for n in self.logins if n not in self.readers):
            who = office.officer(login)
            for path in ("/desk/m/{}", "/desk/m/{}/paper/intake", "/api/v1/matters/{}"):
                shut = who.get(path.format(ref))
                for none in absent() if i < 2 else absent()[:1]:
                    self.look_the_same(shut, who.get(path.format(none)), none, f"{login}: {path}")

    def test_shut_and_absent_run_the_same_statements(self):
        """Beside what the clock runs, which is looked at first."""
        def look(who, path):
            at = os.path.getsize(ran)
            page = who.get(path)
            with open(ran, encoding="utf-8", errors="replace") as f:
                f.seek(at)
                return page.status, [s for s in f.read().splitlines() if s not in idle]
        idle = set()
        with open(ran, encoding="utf-8", errors="replace") as f:
            f.seek(0, os.SEEK_END)
            time.sleep(IDLE_S)
            idle = set(f.read().splitlines())
        others = [n for n in self.logins if n not in self.readers][:4]
        def asks(who, one):
            return any("FROM bar WHERE" in s for s in look(who, "/desk/m/" + one)[1])
        # Who holds no post that reads is turned away before anything is asked.
        first = next(office.officer(n) for n in others if asks(office.officer(n), ref))
        spelt = [none for none in absent() if asks(first, none)]
        self.assertEqual(len(spelt), 1, "one check letter in 32 is right")
        for login in others:
            who = office.officer(login)
            for path in ("/desk/m/{}", "/desk/m/{}/similar", "/desk/m/{}/paper/intake"):
                for _ in range(TRIES):  # a job of the clock may fall in between
                    shut, gone = (look(who, path.format(r)) for r in (ref, spelt[0]))
                    if shut == gone:
                        break
                self.assertEqual(shut[0], 404, f"{login}: {path}")
                self.assertGreater(len(shut[1]), 0)
                self.assertEqual(shut, gone, f"{login}: {path}")

    def look_the_same(self, shut, gone, none, where):
        self.assertEqual(shut.status, gone.status, where)
        bodies = [re.sub(TOKEN, b"", page.body) for page in (shut, gone)]
        self.assertEqual(bodies[0].replace(ref.encode(), none.encode()), bodies[1], where)
        for name in (set(shut.headers) | set(gone.headers)) - set(VOLATILE):
            self.assertEqual(shut.headers.get(name), gone.headers.get(name), f"{where}: {name}")

    def test_the_api_says_no_more(self):
        none = absent()[0]
        for login in [n for n in self.logins if n not in self.readers][:4]:
            api = office.api(login)
            listed = api.get("/api/v1/matters")
            self.assertNotIn(ref.encode(), listed.body)
            self.assertNotIn(CANARY.encode(), listed.body)
            shut, gone = (api.get("/api/v1/matters/" + r) for r in (ref, none))
            self.assertEqual(shut.status, 404)
            self.assertEqual(shut.body, gone.body)
            for word in ("note", "admit", "answer"):
                head = {"Content-Type": "application/json", "Idempotency-Key": word + login}
                shut, gone = (api.ask("POST", f"/api/v1/matters/{r}/{word}", b'{"text":"x"}', head)
                              for r in (ref, none))
                self.assertEqual((shut.status, shut.body), (gone.status, gone.body), word)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
