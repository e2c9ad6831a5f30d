# SPDX-License-Identifier: AGPL-3.0-or-later
"""An outsider's path, from end to end, with what docs/HOW-TO-CHECK.md names and nothing else.

    test_outsider.py BIN_DIR MODULES_DIR [--say]

A person takes a receipt and a history home and checks them. A witness outside is named and signs. A
mirror is fetched. Then somebody with all the rights of the machine changes a byte, deletes a
matter, back-dates an event, restores an old backup, rewrites what a witness saw: each is found, by
the tool that is named for it. With --say every command and answer is printed, for the manual.
"""
import os
import re
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from office import Office, Visitor  # noqa: E402

BIN, MODULES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
HERE = os.path.dirname(os.path.abspath(__file__))
SAY = "--say" in sys.argv
VALID, INVALID, WAITING = 0, 1, 3


def tell(*words):
    if SAY:
        print(*words, flush=True)


def short(word):
    return os.path.basename(word) if word.startswith("/") else word


def run(tool, *args, want, says=None):
    """Runs one of our programs as the manual says it, and holds it to its answer."""
    done = subprocess.run([os.path.join(BIN, tool), *args], capture_output=True, text=True,
                          timeout=300, check=False, env=dict(os.environ, LC_ALL="C.UTF-8"))
    text = done.stdout + done.stderr
    tell("$", tool, *map(short, args))
    tell(text.rstrip(), f"\n(answer {done.returncode})\n")
    assert done.returncode == want, f"{tool} {args}: {done.returncode}, not {want}: {text}"
    if says:
        assert says in text, f"{tool} {args}: {says!r} is not in: {text}"
    return text


class Town(Office):
    """With files beside it."""

    def __init__(self):
        super().__init__(os.path.join(BIN, "huiyin"))

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path


def sql(data, text, values=(), name="main.db"):
    """What somebody with the rights of the machine can do."""
    db = sqlite3.connect(os.path.join(data, name))
    tell("$ sqlite3", name, text, *map(str, values))
    db.execute(text, values)
    db.commit()
    db.close()


def check_receipt(town, files, policy):
    run("huiyin-verify", "receipt", files["receipt"], "--policy", policy, want=VALID,
        says="matter.received")
    run("huiyin-verify", "history", files["history"], "--policy", policy, want=VALID)
    with open(files["receipt"], "rb") as f:
        good = f.read()
    for at in range(0, len(good), 23):
        bent = bytearray(good)
        bent[at] ^= 1
        path = town.file("bent", bytes(bent))
        done = subprocess.run([os.path.join(BIN, "huiyin-verify"), "receipt", path, "--policy",
                               policy], capture_output=True, check=False)
        assert done.returncode == INVALID, f"byte {at} of the receipt may be {bent[at]}"


def check_bundle(town, files, policy):
    folder = os.path.join(town.folder, "bundle")
    os.makedirs(os.path.join(folder, "proofs"))
    os.makedirs(os.path.join(folder, "documents"))
    shutil.copy(files["history"], os.path.join(folder, "history"))
    shutil.copy(files["receipt"], os.path.join(folder, "proofs", "1.tlog-proof"))
    with open(os.path.join(folder, "documents", "decision.txt"), "w", encoding="utf-8") as f:
        f.write("The lamp is mended.\n")
    hashes = subprocess.run("find . -type f | sed 's,^./,,' | LC_ALL=C sort | while read -r f; do "
                            "echo \"$(sha256sum < \"$f\" | cut -d' ' -f1) "
                            "$(stat -c %s \"$f\") $f\"; done", shell=True, cwd=folder,
                            capture_output=True, check=True).stdout
    with open(os.path.join(folder, "manifest.txt"), "wb") as f:
        f.write(hashes)
    run("huiyin-verify", "bundle", folder, "--policy", policy, want=VALID, says="All 3 files")
    with open(os.path.join(folder, "documents", "decision.txt"), "a", encoding="utf-8") as f:
        f.write("Never.\n")
    run("huiyin-verify", "bundle", folder, "--policy", policy, want=INVALID,
        says="documents/decision.txt")
    os.remove(os.path.join(folder, "documents", "decision.txt"))
    run("huiyin-verify", "bundle", folder, "--policy", policy, want=INVALID, says="is missing")


def other(*command, **env):
    """A verifier that is not ours."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, **env})
    tell("$", *map(short, command))
    tell((done.stdout + done.stderr).rstrip(), f"\n(answer {done.returncode})\n")
    return done.returncode == 0


def node():
    for arch in ("x64", "arm64"):
        path = os.path.join(MODULES, "node_modules", f"node-linux-{arch}", "bin", "node")
        if os.path.exists(path):
            return path
    raise AssertionError("no node in tests/browser: ./dev test installs it")


def check_sigstore(files, vkey):
    script = os.path.join(HERE, "sigstore.mjs")
    for receipt in ("receipt", "seen"):
        assert other(node(), script, files[receipt], vkey, MODULES), "sigstore refuses a receipt"
    with open(files["receipt"], "rb") as f:
        good = f.read()
    for at in (40, len(good) // 2, len(good) - 30):
        bent = files["receipt"] + ".bent"
        with open(bent, "wb") as f:
            f.write(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        assert not other(node(), script, bent, vkey, MODULES), f"sigstore takes byte {at}"


def check_go(town, files, vkey, old, new, mirror):
    tool = os.path.join(town.folder, "tlog")
    env = {"GO111MODULE": "off", "GOFLAGS": "", "GOPATH": "/usr/share/gocode",
           "GOCACHE": os.path.join(town.folder, "gocache"), "HOME": town.folder}
    assert other("go", "build", "-o", tool, os.path.join(HERE, "tlog.go"), **env), "go build"
    assert other(tool, files["receipt"], vkey, old, new, mirror), "x/mod refuses"
    assert not other(tool, files["receipt"], vkey, new, old, mirror), "x/mod takes a shrunken log"


def name_witness(town, vkey):
    page = town.name_witness(vkey)
    assert page.status == 200 and vkey.split("+")[0] in page.text, page.text[:1500]
    again = town.name_witness(vkey)
    assert again.status == 422 and "named already" in again.text
    assert vkey in town.log("policy")


def refuse_cosignatures(town, note, cosigned):
    """What nobody may slip in."""
    def sends(text, kind="text/plain"):
        body = text if isinstance(text, bytes) else text.encode()
        return Visitor(town.port).ask("POST", "/log/cosignatures", body,
                                      {"Content-Type": kind}).status
    for text in (note, "nonsense", b"\xff" * 100):  # the first one nobody has cosigned
        assert sends(text) in (400, 403, 409, 422), (text, sends(text))
    assert sends("x" * 70000) == 413
    assert sends(cosigned, "application/json") == 415
    assert sends(cosigned.replace(cosigned.split("\n")[1], "999999", 1)) in (400, 404, 422)
    line = [x for x in cosigned.split("\n") if x.startswith("— union")][0]
    bent = line[:-6] + ("A" if line[-6] != "A" else "B") + line[-5:]
    assert sends(cosigned.replace(line, bent)) in (400, 422)
    assert sends(cosigned) == 200


def check_rows(town, matter):
    """The server is stopped; each change on a copy of its own. The audit finds it."""
    first = "seq = 1 AND dossier = ?"
    changes = {
        "a byte of what was said": [
            "UPDATE event SET payload = CAST(substr(CAST(payload AS TEXT), 1, 20) || 'X' || "
            f"substr(CAST(payload AS TEXT), 22) AS BLOB) WHERE {first}"],
        "a date": [
            "UPDATE event SET text = CAST(replace(CAST(text AS TEXT), char(10) || 'time 2', "
            f"char(10) || 'time 1') AS BLOB) WHERE {first}"],
        "a matter": ["DELETE FROM event WHERE dossier = ?", "DELETE FROM matter WHERE id = ?",
                     "DELETE FROM dossier WHERE id = ?"],
        "its last event": ["DELETE FROM event WHERE dossier = ? AND seq > 1"],
        "the log itself": ["UPDATE log_entry SET entry = zeroblob(33) WHERE idx = "
                           f"(SELECT leaf FROM event WHERE {first})"],
    }
    run("huiyin", "log", "audit", "--data", town.data, want=0)
    for number, (what, texts) in enumerate(changes.items()):
        tell("#", what)
        data = os.path.join(town.folder, f"copy{number}")
        shutil.copytree(town.data, data)
        for text in texts:
            sql(data, text, (matter,))
        run("huiyin", "log", "audit", "--data", data, want=1)
        shutil.rmtree(data)


def ask_one(town, title):
    town.person().raise_matter(kind="question", title=title, text="When does the counter open?",
                               identity="anonymous")


def check_backup(town, backup, watch):
    """An old backup put back over what happened since."""
    tell("# the database alone from the backup: the keeper remembers more")
    half = os.path.join(town.folder, "half")
    shutil.copytree(town.data, half)
    shutil.copy(os.path.join(backup, "main.db"), os.path.join(half, "main.db"))
    for rest in ("main.db-wal", "main.db-shm"):
        if os.path.exists(os.path.join(half, rest)):
            os.remove(os.path.join(half, rest))
    run("huiyin", "log", "audit", "--data", half, want=1)
    town.start(half)
    try:
        ask_one(town, "Is anybody there?")
        raise RuntimeError("a server over an old database takes matters")
    except AssertionError:
        tell("the server takes nothing now")
    town.stop()
    tell("# everything from the backup, and other matters since: only a witness remembers")
    town.start(backup)
    for i in range(3):
        ask_one(town, f"Another question {i}")
    watch(1, "ALARM")
    town.stop()


def main():
    with Town() as town:
        code, _ = town.person().raise_matter(kind="complaint", title="No light at gate four",
                                             text="The stairs have had no light since Monday.",
                                             place="Gate 4", identity="anonymous")
        policy = town.file("policy", town.log("policy"))
        log = town.log("vkey").strip()
        files = {"receipt": town.file("receipt", town.person().take_home(code, "receipt")),
                 "history": town.file("history", town.person().take_home(code, "proof"))}
        check_receipt(town, files, policy)
        check_bundle(town, files, policy)
        db = town.database()
        files["dossier"] = db.execute("SELECT max(id) FROM dossier").fetchone()[0]
        db.close()
        leaf = int(re.search(r"^index (\d+)$", open(files["receipt"], encoding="utf-8").read(),
                             re.M).group(1))

        # a witness
        state = os.path.join(town.folder, "witness")
        vkey = run("huiyin-witness", "keygen", "union.example/w1", "--state", state,
                   want=0).strip()
        run("huiyin-witness", "keygen", "union.example/w1", "--state", state, want=2)
        note, size = town.published(leaf)
        old = town.file("old", note)
        asks = ("--log", log, "--state", state, "--url", town.log_url())
        run("huiyin-witness", "cosign", *asks, want=2, says="Is this witness named")
        name_witness(town, vkey)
        offline = os.path.join(town.folder, "cosigned")
        run("huiyin-witness", "cosign", *asks, "--file", offline, want=0)
        with open(offline, encoding="utf-8") as f:
            refuse_cosignatures(town, town.log("checkpoint"), f.read())
        trusting = town.file("policy2", town.log("policy"))
        files["seen"] = town.file("seen", town.person().take_home(code, "receipt"))
        run("huiyin-verify", "receipt", files["seen"], "--policy", trusting, want=VALID,
            says="Cosigned by union.example/w1")
        run("huiyin-verify", "receipt", files["receipt"], "--policy", trusting, want=WAITING)

        # the log goes on
        for i in range(3):
            ask_one(town, f"Question {i}")
        note, _ = town.published(size)
        new = town.file("new", note)
        run("huiyin-witness", "cosign", *asks, want=0, says="Seen and signed")
        mirror = os.path.join(town.folder, "mirror")
        run("huiyin-witness", "mirror", "--log", log, "--url", town.log_url(), mirror, want=0)
        run("huiyin-verify", "consistency", old, new, "--tiles", mirror, "--policy", policy,
            want=VALID, says="One history")
        run("huiyin-verify", "consistency", new, old, "--tiles", mirror, "--policy", policy,
            want=INVALID)
        check_sigstore(files, log)
        check_go(town, files, log, old, new, mirror)
        checkpoints = os.path.join(town.folder, "checkpoints")
        os.makedirs(checkpoints)
        shutil.copy(offline, checkpoints)
        run("huiyin-verify", "time", files["seen"], "--checkpoints", checkpoints, "--policy",
            trusting, want=WAITING)
        town.file("printed", " ".join(note.split("\n")[:3]))
        run("huiyin-verify", "checkpoint", new, "--policy", policy, "--printed",
            os.path.join(town.folder, "printed"), want=VALID, says="the printed ones")

        town.stop()
        check_rows(town, files["dossier"])
        backup = os.path.join(town.folder, "backup")
        shutil.copytree(town.data, backup)
        town.start()
        for i in range(40):
            ask_one(town, f"One more question {i}")

        def watch(want, says):
            town.published()
            run("huiyin-witness", "cosign", "--log", log, "--state", state, "--url", town.log_url(),
                want=want, says=says)

        town.published(size + 64)
        watch(0, "Seen and signed")
        town.stop()
        check_backup(town, backup, watch)
        print("an outsider finds each of them")


main()
