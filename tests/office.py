# SPDX-License-Identifier: AGPL-3.0-or-later
"""office: a served installation and whoever comes to it, for tests that know only the program's
doors. The demo town, or with a pack a fresh one with nothing but its first administrator.

    with Office(huiyin) as office:
        code, ref = office.person().raise_matter(kind="complaint", title="…", text="…")
        desk = office.officer("hall.desk")
        page = desk.get("/desk")

A Visitor keeps cookies, reads the forms of a page and sends them as a browser does, without script.
"""
import base64
import hashlib
import hmac
import html.parser
import http.client
import re
import shutil
import sqlite3
import struct
import subprocess
import tempfile
import time
import urllib.parse
import os

SECOND_FACTOR_S = 30
PUBLISHED_S = 60  # the demo publishes every 15 seconds; patience


def totp(seed):
    """RFC 6238: what the telephone shows now."""
    step = struct.pack(">Q", int(time.time()) // SECOND_FACTOR_S)
    mac = hmac.new(base64.b32decode(seed), step, hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10 ** 6:06d}"


class Reader(html.parser.HTMLParser):
    """Links, forms and text of a page."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.links, self.forms, self.rows = [], [], []
        self.text = ""
        self.choice = self.area = None

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "a" and a.get("href"):
            self.links.append(a["href"])
        elif tag == "form":
            self.forms.append({"action": a.get("action", ""), "method": a.get("method", "get"),
                               "fields": {}, "choices": {}, "buttons": []})
        elif tag == "tr":
            self.rows.append("")
        elif self.forms:
            self.field(self.forms[-1], tag, a)

    def field(self, form, tag, a):
        name = a.get("name")
        if tag == "option" and self.choice:
            form["choices"].setdefault(self.choice, []).append(a.get("value", ""))
            if "selected" in a or form["fields"].get(self.choice) is None:
                form["fields"][self.choice] = a.get("value", "")
        elif tag == "select" and name:
            self.choice = name
            form["fields"][name] = None
        elif tag == "textarea" and name:
            self.area = name
            form["fields"][name] = ""
        elif tag == "button" and name:
            form["buttons"].append((name, a.get("value", "")))
        elif tag == "input" and name:
            kind = a.get("type", "text")
            if kind in ("radio", "checkbox"):
                form["choices"].setdefault(name, []).append(a.get("value", "on"))
                if "checked" in a:
                    form["fields"][name] = a.get("value", "on")
            elif kind != "submit":
                form["fields"][name] = a.get("value", "")

    def handle_endtag(self, tag):
        if tag == "select":
            self.choice = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data):
        self.text += data
        if self.area and self.forms:
            self.forms[-1]["fields"][self.area] += data
        if self.rows:
            self.rows[-1] += data + "\t"


class Page:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.reader = Reader()
        if "html" in headers.get("Content-Type", ""):
            self.reader.feed(body.decode("utf-8"))

    @property
    def text(self):
        return self.reader.text

    @property
    def links(self):
        return self.reader.links

    @property
    def forms(self):
        return self.reader.forms

    def form(self, action):
        """The form that goes there."""
        for form in self.forms:
            if form["action"] == action:
                return form
        raise AssertionError(f"no form to {action}: {[f['action'] for f in self.forms]}")


class Visitor:
    def __init__(self, port, lang="en"):
        self.port, self.cookies, self.lang = port, {}, lang
        self.token = None

    def ask(self, method, path, body=None, headers=None):
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        head = {"Accept-Language": self.lang, **(headers or {})}
        if self.cookies:
            head["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if self.token:
            head["Authorization"] = "Bearer " + self.token
        conn.request(method, path, body=body, headers=head)
        answer = conn.getresponse()
        data = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        page = Page(answer.status, dict(answer.getheaders()), data)
        conn.close()
        return page

    def get(self, path):
        page = self.ask("GET", path)
        for _ in range(5):
            if page.status not in (302, 303):
                break
            page = self.ask("GET", page.headers["Location"])
        return page

    def send(self, form, button=None, **fields):
        """Fills a form in and sends it, with what stood in it already."""
        filled = {k: v for k, v in form["fields"].items() if v is not None}
        filled.update(fields)
        if button:
            filled[button[0]] = button[1]
        body = urllib.parse.urlencode(filled).encode()
        page = self.ask("POST", form["action"], body,
                        {"Content-Type": "application/x-www-form-urlencoded"})
        return self.get(page.headers["Location"]) if page.status in (302, 303) else page

    def raise_matter(self, fill=None, **m):
        """The way through /raise; (code, reference). `fill` says more for the form of a page."""
        page, code = self.get("/raise"), None
        for _ in range(20):
            if "code" in m and code is None:
                code = m.pop("code")
            found = re.search(r'class="hy-ref"[^>]*>([0-9A-Z]{4}-[0-9A-Z]{4})', page.body.decode())
            if found:
                return code, found.group(1)
            form = page.form("/raise")
            shown = re.search(r"(?:\d{4}\D{1,3}){5}\d{4}", page.text)
            given = {k: v for k, v in m.items() if k in form["fields"] or k in form["choices"]}
            for name, value in form["fields"].items():
                if value == "" and name not in given and name not in ("exclude",):
                    if form["fields"].get("step") == "asked":
                        given[name] = m.get("title", "as said")
            if fill:
                given.update(fill(form))
            if "last4" in form["fields"]:
                code = re.sub(r"\D", "", shown.group(0))
                given["last4"] = code[-4:]
            before = form["fields"].get("step")
            page = self.send(form, ("go", "next"), **given)
            again = [f for f in page.forms if f["action"] == "/raise"]
            if page.status == 422 or (again and again[0]["fields"].get("step") == before):
                raise AssertionError(f"step {before} was not taken: {page.text[:1500]}")
        raise AssertionError("the way through /raise does not end")

    def come_back(self, code):
        return self.send(self.get("/back").form("/back"), code=code)

    def take_home(self, code, act):
        """A file from the page behind the code: "receipt", or "proof" for the history."""
        form = [f for f in self.come_back(code).forms if ("act", act) in f["buttons"]][0]
        got = self.send(form, ("act", act))
        assert got.status == 200 and "attachment" in got.headers["Content-Disposition"], got.text
        return got.body


class Office:
    def __init__(self, huiyin, pack=None, env=None):
        self.huiyin, self.pack, self.env = huiyin, pack, env
        self.folder = tempfile.mkdtemp(prefix="huiyin-office-")
        self.data = os.path.join(self.folder, "town")

    def run(self, *args, **more):
        return subprocess.run([self.huiyin, *args], capture_output=True, text=True, timeout=300,
                              check=False, env=dict(os.environ, LC_ALL="C.UTF-8"), **more)

    def __enter__(self):
        made = self.run("init", "--data", self.data, *(("--pack", self.pack) if self.pack else
                                                       ("--demo",)))
        assert made.returncode == 0, made.stderr
        if self.pack:
            self.password = "an echo for every word"
            self.invitation = re.search(r"/sign-in/invite/\S+", made.stdout).group(0)
        else:
            self.password = re.search(r'password "([^"]+)"', made.stdout).group(1)
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)

    def start(self, data=None):
        """Serves its data folder, or another one."""
        said = os.path.join(self.folder, "said")
        self.signed = {}
        with open(said, "wb") as out:
            self.child = subprocess.Popen(
                [self.huiyin, "serve", "--data", data or self.data, "--port", "0"], stdout=out,
                stderr=subprocess.STDOUT, env=dict(os.environ, **(self.env or {})))
        for _ in range(1200):
            with open(said, encoding="utf-8") as f:
                found = re.search(r"http://127\.0\.0\.1:(\d+)", f.read())
            if found:
                self.port = int(found.group(1))
                return
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def stop(self):
        self.child.terminate()
        self.child.communicate(timeout=60)

    def log_url(self):
        return f"http://127.0.0.1:{self.port}/log"

    def log(self, path):
        """What the log says there, None where it says nothing."""
        page = self.person().ask("GET", "/log/" + path)
        return page.body.decode() if page.status == 200 else None

    def published(self, least=0):
        """Waits for a public checkpoint of more than so many leaves; (note, size)."""
        for _ in range(PUBLISHED_S * 5):
            note = self.log("checkpoint")
            if note and int(note.split("\n")[1]) > least:
                return note, int(note.split("\n")[1])
            time.sleep(0.2)
        raise AssertionError("nothing was published")

    def name_witness(self, vkey):
        """The administrator's page after that."""
        admin = self.officer("admin")
        return admin.send(admin.get("/admin/log").form("/admin/log/witness"), key=vkey)

    def person(self, lang="en"):
        return Visitor(self.port, lang)

    def officer(self, login):
        """Signed in once a run: a second factor is good once."""
        if login in self.signed:
            return self.signed[login]
        who = Visitor(self.port)
        for _ in range(3):
            page = who.get("/sign-in")
            row = [r for r in page.reader.rows if login in [c.strip() for c in r.split("\t")]]
            second = re.search(r"\b\d{6}\b", row[0]).group(0)
            page = who.send(page.form("/sign-in"), login=login, password=self.password,
                            second=second)
            if not any(f["action"] == "/sign-in" for f in page.forms):
                self.signed[login] = who
                return who
            time.sleep(SECOND_FACTOR_S - time.time() % SECOND_FACTOR_S + 0.5)
        raise AssertionError(f"{login} cannot sign in: {page.text[:600]}")

    def enrol(self, login, invitation):
        """Behind a one-time link: password, second factor; signed in by a recovery code, because
        the second factor's number of this half minute is spent."""
        who = Visitor(self.port)
        page = who.get(invitation)
        seed = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page.text).group(0).replace(" ", "")
        page = who.send(page.form(invitation), password=self.password, second=totp(seed))
        code = re.search(r"[0-9a-z]{5}-[0-9a-z]{5}", page.text).group(0)
        page = who.get("/sign-in")
        page = who.send(page.form("/sign-in"), login=login, password=self.password, second=code)
        assert not any(f["action"] == "/sign-in" for f in page.forms), page.text[:600]
        self.signed[login] = who
        return who

    def logins(self):
        page = self.person().get("/sign-in")
        return [c.strip() for r in page.reader.rows if re.search(r"\b\d{6}\b", r)
                for c in r.split("\t")[:1] if c.strip()]

    def api(self, login):
        """The same officer at the API's door."""
        for _ in range(2):  # signed in for more than five minutes, he is asked again
            who = self.officer(login)
            page = who.get("/desk/account")
            page = who.send(page.form("/desk/account/token"), label="test", days="1")
            if "hyt_" in page.text:
                break
            del self.signed[login]
        client = Visitor(self.port)
        client.token = re.search(r"hyt_[A-Za-z0-9_-]+", page.text).group(0)
        return client

    def readers_of(self, ref):
        """The logins that may read the matter."""
        return [n for n in self.logins() if self.officer(n).get("/desk/m/" + ref).status == 200]

    def database(self, name="main.db"):
        """A look at the tables, beside the program."""
        return sqlite3.connect(f"file:{os.path.join(self.data, name)}?mode=ro", uri=True)
