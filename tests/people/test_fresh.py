# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new installation of each pack, from the first administrator's link on, by its pages alone.

The administrator sets up the account, makes an office outside and gives two clerks their posts;
then a person raises a matter of every kind and answers every question it asks, and the
clerk reads the answers on the matter.
"""
import datetime
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from office import Office  # noqa: E402

HUIYIN = os.path.abspath(sys.argv[1])


def give_post(admin, login, post):
    where = "/admin/officer/" + login
    page = admin.send(admin.get(where).form(where + "/post"), office="house", post=post,
                      **{"from": str(datetime.date.today())})
    assert page.status == 200, page.text[:800]


def open_office(office):
    """Its clerk, signed in. Two people, because wrongdoing goes to no single reader, and an office
    outside, because a report of it must be able to leave."""
    admin = office.enrol("admin", office.invitation)
    assert "nobody can report wrongdoing here" in admin.get("/admin").text
    admin.send(admin.get("/admin").form("/admin/offices"), code="outside", parent="",
               name_en="Ombudsman", name_zh="监察专员", outside="1")
    assert "Ombudsman" in admin.get("/admin/office/outside").text
    assert "nobody can report wrongdoing here" not in admin.get("/admin").text
    for login, name in (("clerk", "Li Wei"), ("lead", "Zhao Min")):
        page = admin.send(admin.get("/admin").form("/admin/officers"), login=login, name=name,
                          lang_of="en")
        invitation = re.search(r"/sign-in/invite/\w+", page.text).group(0)
        for post in ("desk", "handler", "lead"):
            give_post(admin, login, post)
        office.enrol(login, invitation)
    return office.officer("clerk")


def answers_for(form):
    """Something for every question of the page."""
    given = {}
    for name in [n for n in form["fields"] if n.startswith("q_")]:
        options = [o for o in form["choices"].get(name, []) if o]
        given[name] = options[0] if options else f"told under {name}"
    for name in [n for n in form["choices"] if n.startswith("q_") and n not in given]:
        given[name] = [o for o in form["choices"][name] if o][0]
    return given


def raise_whole(person, kind):
    """Every field of every step filled in; (reference, what was answered)."""
    answers = {}

    def fill(form):
        given = answers_for(form)
        answers.update(given)
        if "identity" in form["choices"]:
            given["identity"] = form["choices"]["identity"][0]
        return given
    _, ref = person.raise_matter(fill, kind=kind, title="A title of " + kind, place="Gate 4",
                                 text="The stairs have had no light.", happened="2026-01-05",
                                 wish="A new lamp.", name="Canary Wu")
    return ref, answers


def check_pack(pack):
    with Office(HUIYIN, pack=pack) as office:
        clerk = open_office(office)
        form = office.person().get("/raise").form("/raise")
        kinds = [k for k in form["choices"]["kind"] if k]
        assert len(kinds) >= 4, kinds
        asked = 0
        for kind in kinds:
            ref, answers = raise_whole(office.person(), kind)
            page = clerk.get("/desk/m/" + ref)
            assert page.status == 200, f"{pack} {kind} {ref}: {page.status}"
            for name, answer in answers.items():
                assert answer in page.text, f"{pack} {kind}: {name} is not on the matter"
            asked = max(asked, len(answers))
        audit = office.run("log", "audit", "--data", office.data)
        assert audit.returncode == 0, audit.stdout + audit.stderr
        return len(kinds), asked


def main():
    most = 0
    for pack in ("plain", "cn-petition", "uk-council"):
        kinds, asked = check_pack(pack)
        most = max(most, asked)
        print(f"{pack}: {kinds} kinds raised, up to {asked} questions answered")
    assert most >= 2, "no kind asks two questions: their order is not tried"


main()
