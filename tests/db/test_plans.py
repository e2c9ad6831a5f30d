#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""test_plans.py IDS SCANS GOLDEN SCHEMA … -- FILE.sql … [--update]

No statement reads a whole table or sorts unless scans.txt names it and says why that is small. A
name there that no longer does either is a fault too, so that the list stays true.

plans.golden names the statements that run all the time. Under each stands how SQLite runs it, and
which tables and indexes it writes; a plan that became another is a fault, shown as a difference.
--update writes the plans anew; a statement gets under watch by a line with its name. The stores are
as fresh as the schema makes them, without statistics, and the words are those of one SQLite: with
another the golden part is skipped and says so."""

import difflib
import os
import re
import sqlite3
import sys

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import gen_sql  # noqa: E402: it stands in tools/

SQLITE = '.'.join(sqlite3.sqlite_version.split('.')[:2])


class Plan:
    """How one statement runs on a fresh store."""

    def __init__(self, st, db):
        sql, ins = st.sql['sqlite'], [None] * len(st.ins)
        self.st, self.steps, self.lines = st, [], []
        depth = {0: 0}
        for number, parent, _, detail in db.execute('EXPLAIN QUERY PLAN ' + sql, ins):
            depth[number] = depth.get(parent, 0) + 1
            self.steps.append(detail)
            self.lines.append('    ' * depth[number] + detail)
        names = dict(db.execute('SELECT rootpage, name FROM sqlite_schema WHERE rootpage > 0'))
        written = {names[row[3]] for row in db.execute('EXPLAIN ' + sql, ins)
                   if row[1] == 'OpenWrite' and row[3] in names}
        if written:
            self.lines.append('    WRITE ' + ', '.join(sorted(written)))

    def heavy_steps(self):
        return [step for step in self.steps
                if (step.startswith('SCAN') and 'CONSTANT ROW' not in step
                    and 'VIRTUAL TABLE' not in step) or 'FOR ORDER BY' in step
                or 'OF ORDER BY' in step]


def load_plans(ids, schemas, files):
    types = gen_sql.load_types(ids)
    stores = {name: gen_sql.open_memory(schema) for name, schema in schemas.items()}
    return [Plan(st, stores['main' if st.store == 'any' else st.store])
            for path in files for st in gen_sql.load_statements(path, schemas, types)]


def check_scans(plans, scans):
    allowed = {}
    with open(scans, encoding='utf-8') as f:
        for line in f:
            if line.strip() and not line.startswith('#'):
                name, _, why = line.strip().partition(' ')
                allowed[name] = why.strip()
    faults = []
    for plan in plans:
        st, heavy = plan.st, plan.heavy_steps()
        if heavy and not allowed.get(st.name):
            faults.append(f'{st.path}:{st.line}: {st.name}: {"; ".join(heavy)}: use an index, '
                          f'or say in {os.path.basename(scans)} why it stays small')
        if heavy:
            allowed.pop(st.name, None)
    return faults + [f'{scans}: {name} neither scans nor sorts any more' for name in allowed]


def check_golden(plans, golden, update):
    with open(golden, encoding='utf-8') as f:
        before = f.read().splitlines()
    written_with = next((line.split()[-1] for line in before if line.startswith('# SQLite ')), '')
    if written_with != SQLITE and not update:
        print(f'skipped: the plans in {os.path.basename(golden)} are of SQLite {written_with}, '
              f'this is {SQLITE}')
        return []
    by_name = {plan.st.name: plan for plan in plans}
    after, faults = [], []
    for line in before:
        if line.startswith('# SQLite '):
            after.append(f'# SQLite {SQLITE}')
        elif not line or line.startswith('#'):
            after.append(line)
        elif re.fullmatch(r'\w+', line):
            after.append(line)
            if line in by_name:
                after += by_name[line].lines
            else:
                faults.append(f'{golden}: there is no statement {line}')
    if update:
        with open(golden, 'w', encoding='utf-8') as f:
            f.write('\n'.join(after) + '\n')
        return faults
    diff = difflib.unified_diff(before, after, golden, 'the plans as they are', lineterm='', n=4)
    return faults + list(diff)


def main():
    args = [a for a in sys.argv[1:] if a != '--update']
    ids, scans, golden, *rest = args
    cut = rest.index('--')
    plans = load_plans(ids, gen_sql.load_schemas(rest[:cut]), rest[cut + 1:])
    faults = check_scans(plans, scans) + check_golden(plans, golden, '--update' in sys.argv)
    print('\n'.join(faults))
    print(f'{len(plans)} plans, ' + ('no fault' if not faults else 'faults above; a plan that '
          'shall be another: run this test again with --update and look at what changed'))
    return 1 if faults or not plans else 0


if __name__ == '__main__':
    sys.exit(main())
