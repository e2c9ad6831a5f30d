#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What this program never does, tried through its own doors: R01 to R24.

    test_refuse.py HUIYIN SOURCE

Every refusal has a test of its number. One whose feature does not exist yet checks that nothing of
it exists: whoever builds it finds the test failing and writes what is refused.
"""
import json
import os
import re
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from office import Office  # noqa: E402

HUIYIN, SOURCE = sys.argv[1], sys.argv[2]
NAME, NAME_ZH, PHONE, STREET = "Kanarienne Zhaovic", "金丝雀雀", "13955501774", "Kanarienne Row 7"
ID_NUMBER = "11010519491231002X"  # the example of GB 11643

# Words a column of a table may not have: what a list of people is made of.
NEVER_COLUMNS = (
    "person_id petitioner complainant_id raiser citizen resident household family relative spouse "
    "ethnic religion belief party political union_member race id_number idcard id_card passport "
    "fingerprint face photo_of_person gps latitude longitude whereabouts location_of_person "
    "risk score rating_of_person mood intention temper attitude stability key_person repeat_count "
    "times_raised blacklist watchlist label_of_person plate ip_address user_agent device").split()


def setUpModule():
    global office
    office = Office(HUIYIN).__enter__()


def tearDownModule():
    office.__exit__()


def raise_known(title, person=None, **more):
    """A matter of somebody whom those who handle it may know: name, telephone, address."""
    given = {"kind": "complaint", "title": title, "text": title + ", and nobody came.",
             "place": "East Street", "wish": "Mend it", "identity": "known", "name": NAME,
             "phone": PHONE, "postal": STREET, **more}
    return (person or office.person()).raise_matter(**given)


def refs_in(page):
    return set(re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", page.body.decode()))


class Refusals(unittest.TestCase):
    def search(self, login, words):
        who = office.officer(login)
        return who.send(who.get("/desk/search").form("/desk/search"), words=words)

    def nothing_of(self, *words):
        """The feature does not exist: no table and no door has its name."""
        tables = [n for db in ("main.db", "vault.db", "keys.db") for (n,) in
                  office.database(db).execute("SELECT name FROM sqlite_master")]
        doors = [line.split()[1] for line in office.run("routes").stdout.splitlines()]
        for word in words:
            found = [n for n in tables + doors
                     if word in re.split(r"[^a-z]+", n) or word + "s" in re.split(r"[^a-z]+", n)
                     or "_" in word and word in n]
            self.assertEqual(found, [], f"{word} exists now: say here what of it is refused")

    def test_r01_no_path_from_one_matter_to_another_of_the_same_person(self):
        _, one = raise_known("Broken lamp at gate 11")
        _, two = raise_known("Broken bench at gate 12")
        readers = office.readers_of(one)
        self.assertNotEqual(readers, [])
        for login in readers:
            who = office.officer(login)
            page = who.get("/desk/m/" + one)
            self.assertNotIn(two, page.body.decode())
            card = who.send(page.form(f"/desk/m/{one}/card"))
            self.assertIn(NAME, card.text)
            self.assertNotIn(two, card.body.decode())
        cards = [row[0] for row in office.database().execute("SELECT card FROM contact_card")]
        self.assertEqual(len(cards), len(set(cards)))
        seen = office.database().execute(
            "SELECT count(*) FROM pragma_table_info('contact_card') WHERE name NOT IN "
            "('matter', 'card')").fetchone()[0]
        self.assertEqual(seen, 0, "a contact card has a column to join on")

    def test_r02_a_search_for_a_person_finds_nothing(self):
        _, ref = raise_known(f"Kerb stone loose, says {NAME}, call {PHONE}, car 京A12345",
                             text=f"I am {NAME} ({NAME_ZH}), {PHONE}. My car 京A12345 was hit.")
        reader = office.readers_of(ref)[0]
        for _ in range(100):  # by what happened it is found: the index works
            if ref in refs_in(self.search(reader, "kerb stone")):
                break
            time.sleep(0.1)
        else:
            self.fail("the matter is not found by what happened either")
        wide = PHONE.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
        spellings = {
            "name": [NAME, NAME.lower(), NAME.upper(), NAME.replace(" ", "  "), f'"{NAME}"',
                     NAME.split()[0]],
            "number": [PHONE, wide, " ".join(PHONE), "-".join((PHONE[:3], PHONE[3:7], PHONE[7:])),
                       "+86" + PHONE, "0086 " + PHONE],
            "plate": ["京A12345", "京a12345", "京A 12345", "京A·12345", "京Ａ１２３４５",
                      "京A-12345"],
        }
        for kind, words in spellings.items():
            for word in words:
                self.assertNotIn(ref, refs_in(self.search(reader, word)), f"{kind}: {word}")

    def test_r03_no_file_holds_who_raised_it(self):
        raise_known("Drain cover missing at gate 14")
        raise_known("Drain cover missing at gate 16", identity="sealed")
        canaries = [STREET.encode(), STREET.upper().encode(), STREET.encode("utf-16-le")]
        seen = 0
        for folder, _, names in os.walk(office.folder):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    held = f.read()
                seen += b"Drain cover missing at gate 14" in held
                for canary in canaries:
                    self.assertNotIn(canary, held, f"{name} holds {canary!r}")
        self.assertGreater(seen, 0, "the files were not read at all")

    def test_r04_a_list_of_people_is_no_import(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = os.path.join(folder, "people.csv")
            with open(rows, "w", encoding="utf-8") as f:
                f.write("编号,姓名,电话,住址\n1,张三,13900000001,东街1号\n")
            for columns, drop in (({"姓名": "identity.name", "电话": "identity.phone"}, ["住址"]),
                                  ({"姓名": "title", "电话": "text"}, ["住址"]),
                                  ({}, ["姓名", "电话", "住址"])):
                path = os.path.join(folder, "map.json")
                with open(path, "w", encoding="utf-8") as f:
                    json.dump({"encoding": "utf-8", "source": "people", "key": "编号",
                               "columns": columns, "drop": drop, "kind": {"const": "help"}}, f)
                done = office.run("import", "matters", rows, "--map", path, "--data", office.data,
                                  "--dry-run")
                self.assertNotEqual(done.returncode, 0, f"{columns} was taken: {done.stdout}")

    def pack_with(self, text, where="kinds", **change):
        folder = tempfile.mkdtemp(prefix="huiyin-pack-")
        self.addCleanup(shutil.rmtree, folder)
        pack = os.path.join(folder, "plain")
        shutil.copytree(os.path.join(SOURCE, "packs", "plain"), pack)
        files = [os.path.join(pack, n) for n in sorted(os.listdir(pack)) if n.endswith(".json")]
        for path in files:
            with open(path, encoding="utf-8") as f:
                body = json.load(f)
            if where in body and body[where]:
                first = body[where][0]
                names = first.get("name")
                if isinstance(names, dict):
                    for lang in names:
                        names[lang] = text
                first.update(change)
                with open(path, "w", encoding="utf-8") as f:
                    json.dump(body, f, ensure_ascii=False)
                done = office.run("pack", "check", pack)
                return done.returncode
        self.fail(f"no file of the pack has {where}")

    def test_r05_packs_with_refused_words(self):
        self.assertEqual(self.pack_with("Street lamps / 路灯"), 0)
        for word in ("重点人员", "稳控对象", "缠访闹访", "key person", "repeat petitioner",
                     "troublemaker", "重点人"):
            self.assertNotEqual(self.pack_with(word), 0, word)

    def test_r05_packs_with_fields_that_are_not_theirs(self):
        self.assertNotEqual(self.pack_with("Street lamps", risk_score=3), 0)
        self.assertNotEqual(self.pack_with("Street lamps", person_tags=["a"]), 0)

    def test_r06_plans_wait(self):
        self.nothing_of("plan")

    def test_r07_checklists_wait(self):
        self.nothing_of("checklist", "inspection")

    def test_r08_tags_wait(self):
        self.nothing_of("tag")

    def test_r09_groups_wait(self):
        self.nothing_of("group", "member", "joined")

    def test_r10_reception_waits(self):
        self.nothing_of("reception", "visit_day", "booking")

    def test_r11_no_alert_from_a_matter(self):
        self.nothing_of("alert", "duty", "incident")

    def test_r12_relief_and_agreements_wait(self):
        self.nothing_of("relief", "agreement", "payment")

    def test_r13_only_the_person_withdraws_rates_and_says_solved(self):
        _, ref = raise_known("Handrail loose at gate 15")
        login = office.readers_of(ref)[0]
        api, who = office.api(login), office.officer(login)
        page = who.get("/desk/m/" + ref)
        for word in ("withdraw", "rate", "solved", "not_solved"):
            self.assertFalse([f for f in page.forms if f["action"].endswith("/" + word)], word)
            done = api.ask("POST", f"/api/v1/matters/{ref}/{word}", b'{"stars":5,"text":"x"}',
                           {"Content-Type": "application/json", "Idempotency-Key": "r13" + word})
            self.assertIn(done.status, (404, 405), word)
            fields = {"csrf": page.forms[-1]["fields"].get("csrf", ""), "seq": "1", "stars": "5"}
            done = who.send({"action": f"/desk/m/{ref}/{word}", "fields": fields})
            self.assertIn(done.status, (403, 404, 405), word)

    def test_r14_open_hours_wait(self):
        self.nothing_of("open_hour", "openhours")

    def test_r15_outreach_and_care_wait(self):
        self.nothing_of("outreach", "care")

    def test_r16_the_gate_book_waits(self):
        self.nothing_of("gate")

    def test_r17_ties_wait(self):
        self.nothing_of("link", "tie", "merge")

    def test_r18_figures_wait(self):
        self.nothing_of("figure", "league", "rank")

    def test_r19_proxies_wait(self):
        self.nothing_of("proxy", "behalf")

    def test_r20_the_walk_in_queue_waits(self):
        self.nothing_of("walk_in", "ticket")

    def test_r21_private_respondents_wait(self):
        self.nothing_of("respondent")

    def test_r22_no_count_of_people_at_reception(self):
        self.nothing_of("headcount", "visitors")

    def test_r23_identity_numbers_are_refused(self):
        person = office.person()
        with self.assertRaisesRegex(AssertionError, "was not taken"):
            person.raise_matter(kind="complaint", title="Lamp", text="I am " + ID_NUMBER,
                                place="x", wish="x", identity="sealed")
        wide = ID_NUMBER.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})
        api = office.api("desk")
        for number in (ID_NUMBER, ID_NUMBER.lower(), wide):
            for field in ("title", "text", "place"):
                body = {"kind": "complaint", "title": "Lamp", "text": "Broken", "place": "here",
                        "answers": {}}
                body[field] = "I am " + number
                done = api.ask("POST", "/api/v1/matters", json.dumps(body).encode(),
                               {"Content-Type": "application/json",
                                "Idempotency-Key": "r23" + field + number.encode().hex()})
                self.assertEqual(done.status, 422, f"{field}: {done.body[:300]}")
        held = office.database().execute(
            "SELECT count(*) FROM event WHERE payload LIKE ?", (f"%{ID_NUMBER}%",)).fetchone()[0]
        self.assertEqual(held, 0)

    def test_r24_no_table_has_a_column_of_those_names(self):
        for name in ("main.db", "vault.db", "keys.db", "fts.db"):
            db = office.database(name)
            tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            columns = [(t, c[1]) for (t,) in tables
                       for c in db.execute(f'PRAGMA table_info("{t}")')]
            self.assertGreater(len(columns), 0)
            for table, column in columns:
                words = set(re.split(r"[^a-z]+", column.lower())) | {column.lower()}
                self.assertFalse(words & set(NEVER_COLUMNS), f"{name}: {table}.{column}")

    def test_every_number_has_its_test(self):
        names = [n for n in dir(self) if n.startswith("test_r")]
        for number in range(1, 25):
            self.assertTrue([n for n in names if n.startswith(f"test_r{number:02}_")], number)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
