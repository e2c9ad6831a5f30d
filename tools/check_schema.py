#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""check_schema: refusal R24, the schema has no column that makes a file on a person.

    python3 tools/check_schema.py [ROOT]

Reads every src/**/schema.sql (tables and views) and refuses columns whose name has a word of
REFUSED, unless ALLOWED says, with the reason, that the thing named is an office, an officer or a
place. A list, a score or a label of people cannot be kept in a schema that has nowhere to put it.
Prints FILE:LINE: the column and the reason; exit code 1 when there was anything.
"""

import os
import re
import sys

REFUSED = {
    "who raised it is sealed in the vault, never a column": [
        "name", "surname", "forename", "nickname", "person", "petitioner", "complainant",
        "reporter", "sender", "phone", "telephone", "mobile", "tel", "email", "mail", "address",
        "contact", "birth", "born", "age", "gender", "sex", "photo", "face", "signature",
    ],
    "no identity number or document is data": [
        "idcard", "identity_number", "id_number", "passport", "plate", "licence_plate",
        "id_card", "bank_card", "biometric", "fingerprint", "ssn",
    ],
    "no network trace reaches the disk": [
        "ip", "ipaddr", "ip_address", "user_agent", "useragent", "agent", "referrer", "referer",
        "device", "mac", "imei", "browser", "latitude", "longitude", "lat", "lon", "location",
        "whereabouts",
    ],
    "people are not scored, labelled or profiled": [
        "score", "risk", "label", "profile", "rating_of", "rank", "key_person", "watch",
        "watchlist", "blacklist", "greylist", "repeat", "repeated", "frequency", "habitual",
        "mood", "intention", "attitude", "emotion", "sentiment", "stability", "sensitive", "tag",
        "headcount", "head_count", "group_size", "crowd",
    ],
    "belief, origin, family and work are not this product's business": [
        "ethnicity", "ethnic", "race", "nationality", "belief", "religion", "party", "political",
        "politics", "union", "family", "relative", "spouse", "household", "employer", "hukou",
        "health", "disease",
    ],
    "nothing joins two matters by person": [
        "person_hash", "same_person", "previous_matters", "matters_raised", "blind_index",
        "name_hash", "phone_hash", "email_hash",
    ],
}

# (table, column): why this one is about an office, an officer or a thing.
ALLOWED = {
    ("office", "name_en"): "an office's own name",
    ("office", "name_zh"): "an office's own name",
    ("office", "address"): "where an office is found",
    ("office", "phone"): "an office's published number",
    ("officer", "name"): "a member of staff, printed on papers",
    ("v_officer", "name"): "a member of staff, printed on papers",
    ("setting", "name"): "the name of a setting",
    ("meta", "name"): "the name of a fact about the file",
    ("text_module", "name"): "what an office calls a text of its own",
    ("custodian", "person_tag"): "random; tells that two accounts of staff are one human",
    ("token", "label"): "what an integrator calls an access token",
}

CREATE = re.compile(r"CREATE\s+(?:VIRTUAL\s+)?(TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)", re.I)
NOT_A_COLUMN = {"PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "CONSTRAINT"}


def refused_word(column):
    """(word, reason) when the column's name contains a refused word, else None."""
    joined = f"_{column.lower()}_"
    for reason, words in REFUSED.items():
        for word in words:
            if f"_{word}_" in joined or f"_{word}s_" in joined:
                return word, reason
    return None


def strip_comments(sql):
    return re.sub(r"--[^\n]*", lambda m: " " * len(m.group(0)), sql)


def body_of(sql, start):
    """(text between the parentheses that open at or after start, its offset)."""
    begin = sql.index("(", start)
    depth = 0
    for i in range(begin, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[i], 0)
        if depth == 0:
            return sql[begin + 1 : i], begin + 1
    raise ValueError("a parenthesis is not closed")


def split_top(body):
    """(part, offset) of a list split at commas outside parentheses."""
    depth, begin = 0, 0
    for i, char in enumerate(body):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            yield body[begin:i], begin
            begin = i + 1
    yield body[begin:], begin


def columns(sql):
    """(table, column, offset) of every column of every table, and every alias of every view."""
    for match in CREATE.finditer(sql):
        what, table = match.group(1).upper(), match.group(2)
        if what == "VIEW":
            end = sql.find(";", match.end())
            for alias in re.finditer(r"\bAS\s+(\w+)\b(?!\s*\()", sql[match.end() : end], re.I):
                if alias.group(1).upper() != "SELECT":
                    yield table, alias.group(1), match.end() + alias.start()
            continue
        body, offset = body_of(sql, match.end())
        for part, at in split_top(body):
            word = re.match(r"\s*(\w+)", part)
            if word and word.group(1).upper() not in NOT_A_COLUMN:
                yield table, word.group(1), offset + at + word.start(1)


def check(root):
    """([(path, line, fault)], number of columns looked at)."""
    faults, seen = [], 0
    for folder, _, names in sorted(os.walk(os.path.join(root, "src"))):
        for name in sorted(names):
            if not (name.startswith("schema") and name.endswith(".sql")):
                continue
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                sql = strip_comments(file.read())
            shown = os.path.relpath(path, root)
            for table, column, offset in columns(sql):
                seen += 1
                hit = refused_word(column)
                if hit and (table, column) not in ALLOWED:
                    line = sql.count("\n", 0, offset) + 1
                    faults.append((shown, line, f'{table}.{column} has "{hit[0]}": {hit[1]}'))
    return faults, seen


def main(argv):
    root = argv[0] if argv else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    faults, seen = check(root)
    for path, number, fault in faults:
        print(f"{path}:{number}: {fault}")
    if seen == 0:
        print("no schema was found: there is nothing this check could have refused")
    return 1 if faults or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
