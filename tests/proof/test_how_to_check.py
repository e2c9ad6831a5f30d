# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/HOW-TO-CHECK.md, word for word: every command on it is run in its order, in the demo town.

    test_how_to_check.py BIN_DIR DOCS_DIR

The Chinese page must have the same commands. A block that begins with `# answer 1` must fail so.
"""
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from office import Office, Visitor  # noqa: E402

BIN, DOCS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SLOT_S = 60


def blocks(name):
    with open(os.path.join(DOCS, name), encoding="utf-8") as f:
        return re.findall(r"^```sh\n(.*?)^```$", f.read(), re.M | re.S)


def take_home(office, code, act, path):
    person = Visitor(office.port)
    page = person.come_back(code)
    form = [f for f in page.forms if ("act", act) in f["buttons"]][0]
    with open(path, "wb") as f:
        f.write(person.send(form, ("act", act)).body)


def published(office):
    for _ in range(SLOT_S * 5):
        page = Visitor(office.port).ask("GET", "/log/checkpoint")
        if page.status == 200:
            return page.body
        time.sleep(0.2)
    raise AssertionError("nothing was published")


def name_witness(office, folder):
    admin = office.officer("admin")
    with open(os.path.join(folder, "vkey"), encoding="utf-8") as f:
        page = admin.send(admin.get("/admin/log").form("/admin/log/witness"), key=f.read())
    assert page.status == 200 and "union.example/w1" in page.text


def main():
    told = blocks("HOW-TO-CHECK.md")
    assert len(told) >= 8 and told == blocks("HOW-TO-CHECK.zh-CN.md"), "the two pages differ"
    with Office(os.path.join(BIN, "huiyin")) as office:
        folder = os.path.join(office.folder, "home")
        os.makedirs(folder)
        code, _ = office.person().raise_matter(
            kind="complaint", title="No light at gate four", identity="anonymous",
            text="The stairs have had no light since Monday.", place="Gate 4")
        take_home(office, code, "receipt", os.path.join(folder, "receipt"))
        take_home(office, code, "proof", os.path.join(folder, "history"))
        with open(os.path.join(folder, "old"), "wb") as f:
            f.write(published(office))
        env = dict(os.environ, PATH=BIN + ":" + os.environ["PATH"], LC_ALL="C.UTF-8",
                   URL=f"http://127.0.0.1:{office.port}/log")
        for text in told:
            if "# named at /admin/log first" in text:
                name_witness(office, folder)
            want = re.match(r"# answer (\d+)", text)
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=env,
                                  capture_output=True, text=True, timeout=120, check=False)
            assert done.returncode == (int(want.group(1)) if want else 0), \
                f"{text}\nanswers {done.returncode}: {done.stdout}{done.stderr}"
        print(f"{len(told)} blocks of commands do what the page says")


main()
