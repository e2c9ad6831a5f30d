# SPDX-License-Identifier: AGPL-3.0-or-later
"""The program says what it can do, and says no with exit code 2 to what it cannot."""

import subprocess
import sys
import unittest

BINARY = sys.argv.pop()


def run(*words):
    return subprocess.run([BINARY, *words], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=60)


class Usage(unittest.TestCase):
    def test_without_a_command_all_commands_are_listed(self):
        done = run()
        self.assertEqual(done.returncode, 2)
        self.assertIn("huiyin version", done.stderr)

    def test_a_command_that_does_not_exist_is_named(self):
        done = run("conjure")
        self.assertEqual(done.returncode, 2)
        self.assertIn('no command "conjure"', done.stderr)

    def test_version_takes_nothing_and_answers_one_line(self):
        done = run("version")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^huiyin \d+\.\d+\.\d+\n$")
        self.assertEqual(run("version", "please").returncode, 2)


if __name__ == "__main__":
    unittest.main()
