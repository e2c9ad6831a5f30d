#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""test_plans.py IDS SCANS SCHEMA … -- FILE.sql …: no statement reads a whole table or sorts unless
scans.txt names it and says why that is small. A name there that no longer does either is a fault
too, so that the list stays true."""

import os
import sys

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import gen_sql  # noqa: E402: it stands in tools/


def heavy_steps(st, schemas):
    db = gen_sql.open_memory(schemas['main' if st.store == 'any' else st.store])
    plan = [row[3] for row in db.execute('EXPLAIN QUERY PLAN ' + st.sql['sqlite'],
                                         [None] * len(st.ins))]
    return [step for step in plan
            if (step.startswith('SCAN') and step != 'SCAN CONSTANT ROW'
                and 'VIRTUAL TABLE' not in step) or 'FOR ORDER BY' in step
            or 'OF ORDER BY' in step]


def main():
    ids, scans, *rest = sys.argv[1:]
    cut = rest.index('--')
    schemas = gen_sql.load_schemas(rest[:cut])
    types = gen_sql.load_types(ids)
    allowed = {}
    with open(scans, encoding='utf-8') as f:
        for line in f:
            if line.strip() and not line.startswith('#'):
                name, _, why = line.strip().partition(' ')
                allowed[name] = why.strip()
    faults, count = [], 0
    for path in rest[cut + 1:]:
        for st in gen_sql.load_statements(path, schemas, types):
            count += 1
            heavy = heavy_steps(st, schemas)
            if heavy and not allowed.get(st.name):
                faults.append(f'{st.path}:{st.line}: {st.name}: {"; ".join(heavy)}: use an index, '
                              f'or say in {os.path.basename(scans)} why it stays small')
            if heavy:
                allowed.pop(st.name, None)
    faults += [f'{scans}: {name} neither scans nor sorts any more' for name in allowed]
    print('\n'.join(faults))
    print(f'{count} plans, {len(faults)} faults')
    return 1 if faults or not count else 0


if __name__ == '__main__':
    sys.exit(main())
