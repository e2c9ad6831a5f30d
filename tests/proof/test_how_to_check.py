# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/HOW-TO-CHECK.md, word for word: every command on it is run in its order, in the demo town.

    test_how_to_check.py BIN_DIR DOCS_DIR

The Chinese page must have the same commands. A block that begins with `# answer 1` must fail so.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from office import Office  # noqa: E402

BIN, DOCS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])


def blocks(name):
    with open(os.path.join(DOCS, name), encoding="utf-8") as f:
        return re.findall(r"^```sh\n(.*?)^```$", f.read(), re.M | re.S)


def main():
    told = blocks("HOW-TO-CHECK.md")
    assert len(told) >= 8 and told == blocks("HOW-TO-CHECK.zh-CN.md"), "the two pages differ"
    with Office(os.path.join(BIN, "huiyin")) as office:
        folder = os.path.join(office.folder, "home")
        os.makedirs(folder)
        code, _ = office.person().raise_matter(
            kind="complaint", title="No light at gate four", identity="anonymous",
            text="The stairs have had no light since Monday.", place="Gate 4")
        for name, bytes_of in (("receipt", office.person().take_home(code, "receipt")),
                               ("history", office.person().take_home(code, "proof")),
                               ("old", office.published()[0].encode())):
            with open(os.path.join(folder, name), "wb") as f:
                f.write(bytes_of)
        env = dict(os.environ, PATH=BIN + ":" + os.environ["PATH"], LC_ALL="C.UTF-8",
                   URL=office.log_url())
        for text in told:
            if "# named at /admin/log first" in text:
                with open(os.path.join(folder, "vkey"), encoding="utf-8") as f:
                    assert "union.example/w1" in office.name_witness(f.read()).text
            want = re.match(r"# answer (\d+)", text)
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=env,
                                  capture_output=True, text=True, timeout=120, check=False)
            assert done.returncode == (int(want.group(1)) if want else 0), \
                f"{text}\nanswers {done.returncode}: {done.stdout}{done.stderr}"
        print(f"{len(told)} blocks of commands do what the page says")


main()
