#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""huiyin due check: right and wrong tables, files that are none, and every start day of 2018-2026
counted a second time here, from the notices themselves.

    test_due_check.py HUIYIN SOURCE

The second counting needs the shared data (HUIYIN_SHARED, or ../shared beside the source).
"""
import csv
import datetime
import json
import os
import subprocess
import sys
import tempfile
import unittest

HUIYIN, SOURCE = sys.argv[1], sys.argv[2]
SHARED = os.environ.get("HUIYIN_SHARED", os.path.join(SOURCE, "..", "shared"))
DAY = datetime.timedelta(1)
HEAD = "calendar,start,amount,unit,roll,due\n"


def check(data, lang="C"):
    """(exit code, output) of the command on a file with that content."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as f:
        f.write(data if isinstance(data, bytes) else data.encode("utf-8"))
        f.flush()
        env = dict(os.environ, LC_ALL=lang, HUIYIN_PACKS=os.path.join(SOURCE, "packs"))
        run = subprocess.run([HUIYIN, "due", "check", f.name], capture_output=True, env=env,
                             timeout=120, check=False)
        return run.returncode, run.stdout.decode("utf-8").replace(f.name, "FILE")


class Tables(unittest.TestCase):
    def test_a_right_table(self):
        rows = (HEAD + "CN,2026-03-02,60,calendar_day,next_working_day,2026-05-06\n"
                "GB-EAW,2026-04-02,1,working_day,none,2026-04-07\n"
                "CN,2026-01-31,1,month,no,2026-02-28\n")
        self.assertEqual(check(rows), (0, "3 right, 0 wrong\n"))

    def test_byte_order_mark_line_ends_blanks_and_other_columns(self):
        rows = ("\ufeffdue,calendar, start,note,amount,unit,roll\r\n"
                "2026-05-06,CN,2026-03-02,\"a, b\",60,calendar_day,next_working_day\r\n\r\n"
                "2026-03-03, CN ,2026-03-02,,1,working_day,no")
        self.assertEqual(check(rows), (0, "2 right, 0 wrong\n"))

    def test_a_wrong_day_is_printed_with_its_working(self):
        code, out = check(HEAD + "CN,2026-03-02,60,calendar_day,next_working_day,2026-05-01\n")
        self.assertEqual(code, 1)
        self.assertIn("FILE, line 2: 2026-03-02 + 60 calendar_day, CN: the file says 2026-05-01, "
                      "it is 2026-05-06.", out)
        self.assertIn("The count ends on Friday 1 May 2026", out)
        self.assertIn("Labour Day", out)
        self.assertTrue(out.endswith("0 right, 1 wrong\n"))

    def test_the_working_in_chinese(self):
        _, out = check(HEAD + "CN,2026-03-02,60,calendar_day,next_working_day,2026-05-01\n",
                       "zh_CN.UTF-8")
        self.assertIn("最后一日顺延至下一个工作日：2026年5月6日 星期三。", out)

    def test_rows_that_cannot_be_read(self):
        cases = {
            "FR,2026-03-02,5,working_day,no,2026-03-09": 'there is no calendar "FR"',
            "CN,2026-02-30,5,working_day,no,2026-03-09": '"2026-02-30" is not a date',
            "CN,2026-03-02,0,working_day,no,2026-03-09": '"0" is not an amount',
            "CN,2026-03-02,-5,working_day,no,2026-03-09": '"-5" is not an amount',
            "CN,2026-03-02,five,working_day,no,2026-03-09": '"five" is not an amount',
            "CN,2026-03-02,5,week,no,2026-03-09": '"week" is not a unit',
            "CN,2026-03-02,5,working_day,yes,2026-03-09": '"yes" is not a way to roll',
            "CN,2026-03-02,5,working_day,no,": '"" is not a date',
            "CN,2026-03-02,5,working_day": "4 fields instead of 6",
            "CN,2016-03-02,5,working_day,no,2016-03-09": "begins in 2018",
            "CN,\"2026-03-02\"x,5,working_day,no,2026-03-09": "line 3",
        }
        good = "CN,2026-03-02,1,working_day,no,2026-03-03\n"
        for row, says in cases.items():
            with self.subTest(row=row):
                code, out = check(HEAD + good + row + "\n" + good)
                self.assertEqual(code, 1)
                self.assertIn("FILE, line 3: ", out)
                self.assertIn(says, out)
                self.assertTrue(out.endswith("2 right, 1 wrong\n"), out)

    def test_files_that_are_no_table(self):
        self.assertIn("is empty", check("")[1])
        self.assertIn("the columns must be", check("a,b,c\n1,2,3\n")[1])
        self.assertIn("the columns must be", check(b"\xff\xfe\x00\x01\n")[1])
        for data in ("", "a,b,c\n", b"\xff\xfe"):
            self.assertEqual(check(data)[0], 1)
        run = subprocess.run([HUIYIN, "due", "check", "/nonexistent.csv"], capture_output=True,
                             check=False, timeout=60,
                             env=dict(os.environ, HUIYIN_PACKS=os.path.join(SOURCE, "packs")))
        self.assertEqual(run.returncode, 1)
        self.assertIn(b"/nonexistent.csv cannot be read", run.stdout)
        run = subprocess.run([HUIYIN, "due", "check"], capture_output=True, check=False, timeout=60)
        self.assertEqual(run.returncode, 2)


class SecondCounting(unittest.TestCase):
    """An independent program over the notices as they were published."""

    def setUp(self):
        if not os.path.isdir(os.path.join(SHARED, "data")):
            self.skipTest("skipped: no shared data")

    def china(self):
        off, work = set(), set()
        for year in range(2018, 2027):
            with open(os.path.join(SHARED, "data", "holiday-cn", f"{year}.json"),
                      encoding="utf-8") as f:
                for day in json.load(f)["days"]:
                    date = datetime.date.fromisoformat(day["date"])
                    (off if day["isOffDay"] else work).add(date)
        return lambda d: d in work or (d not in off and d.weekday() < 5)

    def england(self):
        with open(os.path.join(SHARED, "data", "uk-bank-holidays", "bank-holidays.json"),
                  encoding="utf-8") as f:
            years = json.load(f)["divisions"]["common.nations.england-and-wales_slug"]
        off = {datetime.datetime.strptime(h["date"], "%d/%m/%Y").date()
               for year, days in years.items() if year.isdigit() for h in days}
        return lambda d: d not in off and d.weekday() < 5

    @staticmethod
    def count(works, start, amount, unit, roll):
        day = start
        if unit == "calendar_day":
            day += amount * DAY
        else:
            while amount:
                day += DAY
                amount -= works(day)
        while roll == "next_working_day" and not works(day):
            day += DAY
        return day

    def test_every_start_day(self):
        calendars = (("CN", self.china(), datetime.date(2018, 1, 1), datetime.date(2026, 12, 31)),
                     ("GB-EAW", self.england(), datetime.date(2019, 1, 1),
                      datetime.date(2028, 12, 31)))
        kinds = [(n, "working_day", "no") for n in (1, 2, 3, 5, 10, 20, 60)]
        kinds += [(n, "calendar_day", r) for n in (7, 15, 30, 60)
                  for r in ("no", "next_working_day")]
        lines = [HEAD]
        for name, works, first, last in calendars:
            day = first
            while day < last:
                for n, unit, roll in kinds:
                    due = self.count(works, day, n, unit, roll)
                    if due <= last:
                        lines.append(f"{name},{day},{n},{unit},{roll},{due}\n")
                day += DAY
        self.assertGreater(len(lines), 90000)
        code, out = check("".join(lines))
        self.assertEqual((code, out), (0, f"{len(lines) - 1} right, 0 wrong\n"))

    def test_the_shared_deadlines(self):
        path = os.path.join(SHARED, "data", "policy-facts", "deadline-vectors.csv")
        with open(path, encoding="utf-8", newline="") as f:
            rows = len(list(csv.reader(f))) - 1
        with open(path, "rb") as f:
            self.assertEqual(check(f.read()), (0, f"{rows} right, 0 wrong\n"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
