#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What gen_templates.py refuses, each with the file and the line in its sentence."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/gen_templates.py")
TEXTS = {"shop.plain": "x", "shop.named": "{name}", "shop.counted": "{n, number}",
         "shop.dated": "{d, date}"}
MODEL = ("{{model}}\ntitle text\nn int\non bool\nday day\nto url\nin_ html\nsaid say\n"
         "rows list\n  a text\n{{/model}}\n")
LAYOUT = "{{model}}\ntitle text\n{{/model}}\n<div>{{title}}</div>{{body}}\n"


def run(page, extra=None):
    with tempfile.TemporaryDirectory() as d:
        files = {"src/shop/pages/page.html": page, "src/shop/pages/frame.html": LAYOUT,
                 "src/shop/pages/part.html": "{{model}}\na text\nb msg\n{{/model}}\n<i>{{a}}</i>\n",
                 "locale/shop.en.json": json.dumps(TEXTS),
                 "locale/shop.zh-CN.json": json.dumps(TEXTS), **(extra or {})}
        for name, data in files.items():
            path = os.path.join(d, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(data)
        p = subprocess.run([sys.executable, TOOL, "--src", os.path.join(d, "src"), "--locale",
                            os.path.join(d, "locale"), "--room", "shop", "--out", d, "page"],
                           capture_output=True, text=True)
        code = ""
        if p.returncode == 0:
            with open(os.path.join(d, "page.html.c"), encoding="utf-8") as f:
                code = f.read()
        return p.returncode, p.stderr, code


class Templates(unittest.TestCase):
    def passes(self, body):
        code, said, out = run(MODEL + body)
        self.assertEqual((code, said), (0, ""), body)
        return out

    def refused(self, body, *words):
        code, said, _ = run(MODEL + body)
        self.assertNotEqual(code, 0, body)
        self.assertNotIn("Traceback", said)
        self.assertRegex(said, r"page\.html:\d+: ", body)
        for w in words:
            self.assertIn(w, said, body)

    def test_what_is_sound(self):
        for body in ('<p class="a{{#if on}} b{{/if}}">{{title}}</p>',
                     '<input name="x"{{#if on}} checked{{/if}}>',
                     '<a href="/m/{{title}}?n={{n}}">{{n}}</a><a href="{{to}}">1</a>',
                     '<a href="tel:{{title}}">1</a><a href="#{{title}}">1</a>',
                     '{{#each rows as r}}<b>{{r.a}}</b>{{/each}}',
                     '{{t "shop.named" name=title}}{{t "shop.counted" n=n}}{{t said}}',
                     '{{> shop/part a=title b=@shop.plain}}', '&nbsp;&#8212; 1 · 2 —',
                     '<br><hr><img alt="" src="{{static "a.png"}}">'):
            self.passes(body)

    def test_each_context_has_its_own_escape(self):
        out = self.passes('<a href="/m/{{title}}" class="{{title}}">{{title}}{{n}}</a>'
                          '<i title="{{n}}">1</i>')
        self.assertIn("html_segment(out, v->title)", out)
        self.assertEqual(out.count("html_text(out, v->title)"), 2)
        self.assertIn("html_number(out, lang, v->n)", out)
        self.assertIn("html_digits(out, v->n)", out)

    def test_unknown_names(self):
        self.refused("{{nobody}}", "unknown field 'nobody'")
        self.refused("{{#each rows as r}}{{r.b}}{{/each}}", "unknown field 'r.b'")
        self.refused('{{t "shop.none"}}', "shop.none")
        self.refused("{{> shop/none a=title}}", "no template shop/none")
        self.refused("{{what is this}}", "not understood")

    def test_arguments_of_messages(self):
        self.refused('{{t "shop.named"}}', "needs the argument 'name'")
        self.refused('{{t "shop.plain" a=title}}', "has no argument 'a'")
        self.refused('{{t "shop.counted" n=title}}', "needed for number")
        self.refused('{{t "shop.dated" d=n}}', "needed for date")

    def test_other_templates_get_what_they_need(self):
        self.refused("{{> shop/part a=title}}", "needs the field 'b'")
        self.refused("{{> shop/part a=n b=@shop.plain}}", "is of type text")
        self.refused("{{> shop/part a=title b=@shop.plain c=n}}", "no field 'c'")
        self.refused('<i title="{{> shop/part a=title b=@shop.plain}}">', "between tags")

    def test_values_stand_only_where_they_can_be_escaped(self):
        self.refused("<p class={{title}}>", "double quotes")
        self.refused("<p class=a>", "double quotes")
        self.refused("<p class='a'>", "double quotes")
        self.refused("<{{title}}>", "")
        self.refused("<p {{title}}>", "name of a tag or attribute")
        self.refused("<p data-{{title}}=\"1\">", "")
        self.refused("<!-- {{title}} -->", "comment")
        self.refused('<a href="{{title}}">', "must begin with a fixed path")
        self.refused('<a href="{{said}}">', "")
        self.refused('<a href="//{{title}}">', "")
        self.refused('<a href="javascript:{{title}}">', "")
        self.refused('<form action="{{n}}">', "fixed path")
        self.refused('<p title="{{in_}}">', "only stand between tags")
        self.refused('<a href="/{{on}}">', "")

    def test_script_style_and_handlers(self):
        self.refused("<script>1</script>", "script must be empty")
        self.refused("<script>{{title}}</script>", "")
        self.refused("<style></style>", "<style>")
        self.refused('<p style="a">', "attribute style")
        self.refused('<p onclick="a">', "attribute onclick")
        self.refused('<a href="javascript:1">1</a>', "not an address of ours")
        self.refused('<a href="https://example.org/">1</a>', "not an address of ours")
        self.refused('<iframe src="/x"></iframe>', "<iframe>")
        self.refused('<script src="https://example.org/x.js"></script>', "not an address of ours")

    def test_markup_that_does_not_hold_together(self):
        self.refused("<p>", "is not closed")
        self.refused("</p>", "closes nothing")
        self.refused("<p><b></p></b>", "closes nothing")
        self.refused("{{#if on}}<p>{{/if}}</p>", "not the same at both ends")
        self.refused("{{#if on}}<p>{{else}}<b>{{/if}}</p>", "not the same at both ends")
        self.refused('<p class="{{#if on}}a"{{/if}}>', "not the same at both ends")
        self.refused("{{#if on}}1", "is not closed")
        self.refused("{{/if}}", "closes nothing")
        self.refused("{{else}}", "without")
        self.refused('<p class="a" class="b">', "twice")
        self.refused("a < b", "")
        self.refused('<p class="', "is not closed")

    def test_words_that_no_catalogue_has(self):
        self.refused("<p>Hello</p>", "words that no catalogue has")
        self.refused("<p>您好</p>", "words that no catalogue has")
        self.refused('<input placeholder="Name">', "words in placeholder")
        self.refused('<a href="/" aria-label="Home">1</a>', "words in aria-label")

    def test_types(self):
        self.refused("{{#if in_.x}}1{{/if}}", "nothing below")
        self.refused("{{on}}", "cannot be written")
        self.refused("{{#each title as r}}1{{/each}}", "not a list")
        self.refused("{{#each rows as rows}}1{{/each}}", "is taken")
        self.refused("{{title short}}", "short form")

    def test_layouts(self):
        ok = "{{model}}\nf view shop/frame\n{{/model}}\n{{layout shop/frame f}}\n<p></p>\n"
        self.assertEqual(run(ok)[0], 0)
        code, said, _ = run(ok.replace("frame f}}", "frame g}}"))
        self.assertIn("unknown field 'g'", said)
        code, said, _ = run(ok.replace("{{layout shop/frame", "{{layout shop/part"))
        self.assertNotEqual(code, 0)

    def test_models(self):
        for model, words in (("title wat", "unknown type"), ("title text\ntitle int", "is taken"),
                             ("for int", "is taken"), ("a text\n  b text", "not a list"),
                             ("1 text", "not a field"), ("r list", "has no fields")):
            code, said, _ = run("{{model}}\n" + model + "\n{{/model}}\n")
            self.assertNotEqual(code, 0, model)
            self.assertIn(words, said)
        code, said, _ = run("<p></p>")
        self.assertIn("must begin with", said)


if __name__ == "__main__":
    unittest.main()
