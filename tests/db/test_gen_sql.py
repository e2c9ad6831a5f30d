#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What tools/gen_sql.py refuses, and what it makes of what it takes."""

import contextlib
import hashlib
import io
import os
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import gen_sql  # noqa: E402: it stands in tools/

SCHEMA = '''
-- version: 1
CREATE TABLE dossier (
    id ID PRIMARY KEY,
    office ID NOT NULL,
    note TEXT,
    tail BLOB NOT NULL,
    fine BOOL NOT NULL
);
CREATE TABLE due (
    dossier ID NOT NULL,
    n INT NOT NULL,
    at_day DAY,
    PRIMARY KEY (dossier, n)
) WITHOUT_ROWID;
CREATE TABLE office (id ID PRIMARY KEY, name TEXT NOT NULL);
CREATE VIEW v_dossier AS
SELECT d.id, d.office, d.note FROM dossier d
WHERE EXISTS (SELECT 1 FROM office o WHERE o.id = d.office AND o.id = hy_officer());
CREATE VIEW v_due AS SELECT u.dossier, u.n FROM due u JOIN v_dossier v ON v.id = u.dossier;
'''
IDS = 'struct dossier_id {\n    int64_t v;\n};\nstruct office_id {\n    int64_t v;\n};\n'


class Generator(unittest.TestCase):
    def run_on(self, sql, schema=SCHEMA, mode='statements', steps=''):
        with tempfile.TemporaryDirectory() as d:
            def put(name, text):
                path = os.path.join(d, name)
                with open(path, 'w', encoding='utf-8') as f:
                    f.write(text)
                return path
            ids, sch, src = put('ids.h', IDS), put('schema.sql', schema), put('x.sql', sql)
            h, c = os.path.join(d, 'x.sql.h'), os.path.join(d, 'x.sql.c')
            if mode == 'statements':
                args = ['statements', '--ids', ids, '--schema', sch, '--room', 'room', src, h, c]
            elif mode in ('schema', 'postgres'):
                args = ['schema', '--schema', sch, '--out', c]
                args += ['--dialect', 'postgres'] if mode == 'postgres' else []
                args += ['--steps', put('migrate.sql', steps)] if steps else []
            else:
                args = ['catalogue', '--ids', ids, '--schema', sch, '--out', c, src]
            err, out = io.StringIO(), ''
            with contextlib.redirect_stderr(err):
                code = gen_sql.main(args)
            for path in (h, c):
                if code == 0 and os.path.exists(path):
                    with open(path, encoding='utf-8') as f:
                        out += f.read()
            return code, err.getvalue(), out

    def refused(self, sql, words, schema=SCHEMA, mode='statements', steps=''):
        code, err, _ = self.run_on(sql, schema, mode, steps)
        self.assertEqual(code, 1, f'taken, but should be refused: {sql}')
        self.assertIn(words, err)
        self.assertNotIn('Traceback', err)
        return err

    def taken(self, sql, schema=SCHEMA, mode='statements', steps=''):
        code, err, out = self.run_on(sql, schema, mode, steps)
        self.assertEqual(code, 0, err)
        return out

    def one(self, body, head='-- in: id dossier_id\n-- out: office office_id\n', kind='one'):
        return f'-- name: x_get :{kind}\n{head}{body}\n'

    # ---- what it makes

    def test_a_statement_becomes_a_typed_function(self):
        out = self.taken('-- The office of a dossier.\n' + self.one(
            'SELECT d.office FROM dossier d WHERE d.id = :id;'))
        self.assertIn('enum err x_get(struct db *db, struct arena *a, struct dossier_id id, '
                      'struct x_get_row *ret_row);', ' '.join(out.split()))
        self.assertIn('struct office_id office;', out)
        self.assertIn('The office of a dossier.', out)
        self.assertIn('WHERE d.id = ?1', out)

    def test_more_than_four_inputs_become_a_struct(self):
        out = self.taken('-- name: put :exec\n-- in: a1 i64, b text, c text, d day, e bool\n'
                         'INSERT INTO office (id, name) SELECT :a1, :b WHERE :c = :b AND :d = 1 '
                         'AND :e = 1;')
        self.assertIn('const struct put_in *in', out)
        self.assertIn('{.i = in->e}', out)

    def test_kinds_have_their_shapes(self):
        out = self.taken('''-- name: a_list :many
-- in: office office_id
-- out: id dossier_id, note text?
SELECT d.id, d.note FROM dossier d WHERE d.office = :office ORDER BY d.id;

-- name: a_walk :each
-- out: id dossier_id
SELECT d.id FROM dossier d ORDER BY d.id;

-- name: a_drop :count
-- in: id dossier_id
DELETE FROM dossier WHERE id = :id;
''')
        flat = ' '.join(out.split())
        self.assertIn('struct a_list_row **ret_rows, size_t *ret_count)', flat)
        self.assertIn('enum err (*on_row)(void *ctx, const struct a_walk_row *row), void *ctx)',
                      flat)
        self.assertIn('struct dossier_id id, int64_t *ret_count)', flat)
        self.assertIn('{"note", "text?", DB_TYPE_TEXT, true,', flat)

    def test_both_dialects_of_schema_and_statement(self):
        out = self.taken(self.one('SELECT CAST(d.office AS ID) AS office FROM dossier d '
                                  'WHERE d.id = :id;'), mode='catalogue')
        made = self.taken('', mode='postgres').replace('"\n    "', '')
        self.assertIn('id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY', made)
        self.assertIn('tail BYTEA NOT NULL', made)
        self.assertIn('d.id = $1', out)
        self.assertIn('CAST(d.office AS BIGINT)', out)
        self.assertIn('CAST(d.office AS INTEGER)', out)
        made = self.taken('', mode='schema').replace('"\n    "', '')
        self.assertIn('STRICT, WITHOUT ROWID', made)
        self.assertIn('"dossier",\n    "due",\n    NULL', made)
        self.assertNotIn('"office",\n', made)

    def test_overrides_by_dialect(self):
        out = self.taken('''-- name: find :many
-- in: word text
-- out: id dossier_id
-- sqlite:
SELECT d.id FROM dossier d WHERE d.note LIKE :word LIMIT 5;
-- postgres:
SELECT d.id FROM dossier d WHERE d.note ILIKE :word LIMIT 5;
''', mode='catalogue')
        self.assertIn('LIKE ?1', out)
        self.assertIn('ILIKE $1', out)

    def test_a_type_cast_of_postgres_is_no_input(self):
        out = self.taken('''-- name: find :one
-- in: id dossier_id
-- out: office office_id
-- sqlite:
SELECT d.office FROM dossier d WHERE d.id = :id;
-- postgres:
SELECT d.office::bigint FROM dossier d WHERE d.id = :id;
''', mode='catalogue')
        self.assertIn('d.office::bigint', out)

    # ---- what it refuses

    def test_select_star(self):
        for body in ('SELECT * FROM dossier d WHERE d.id = :id;',
                     'SELECT d.* FROM dossier d WHERE d.id = :id;',
                     'SELECT d.id, * FROM dossier d WHERE d.id = :id;',
                     'SELECT DISTINCT * FROM dossier d WHERE d.id = :id;'):
            self.refused(self.one(body), 'SELECT *')
        self.taken(self.one('SELECT count(*) AS n FROM dossier d WHERE d.id = :id;',
                            '-- in: id dossier_id\n-- out: n i64\n'))
        self.taken(self.one('SELECT d.office * 2 AS n FROM dossier d WHERE d.id = :id;',
                            '-- in: id dossier_id\n-- out: n i64\n'))

    def test_like_outside_overrides(self):
        for word in ('LIKE', 'GLOB', 'MATCH', 'ILIKE'):
            self.refused('-- name: f :many\n-- in: w text\n-- out: id dossier_id\n'
                         f'SELECT d.id FROM dossier d WHERE d.note {word} :w LIMIT 1;\n',
                         'differs between the dialects')

    def test_clocks_and_chance(self):
        for word in ("now()", 'CURRENT_TIMESTAMP', "datetime('x')", "strftime('%Y')", 'random()',
                     'unixepoch()'):
            self.refused('-- name: f :one\n-- out: v i64\n'
                         f'SELECT {word} AS v;\n', 'come in as inputs')

    def test_ordering_a_nullable_column(self):
        head = '-- name: f :many\n-- out: id dossier_id\n'
        self.refused(head + 'SELECT d.id FROM dossier d ORDER BY d.note LIMIT 1;', 'may be NULL')
        self.refused(head + 'SELECT d.id FROM dossier d ORDER BY d.id, note DESC LIMIT 1;',
                     'may be NULL')
        self.refused('-- name: f :many\n-- as: officer\n-- out: id dossier_id\n'
                     'SELECT d.id FROM v_dossier d ORDER BY d.note LIMIT 1;', 'may be NULL')
        self.refused(head + 'SELECT d.id FROM dossier d LEFT JOIN due u ON u.dossier = d.id '
                     'ORDER BY u.n LIMIT 1;', 'may be NULL')
        self.taken(head + 'SELECT d.id FROM dossier d ORDER BY d.note NULLS LAST LIMIT 1;')
        self.taken(head + "SELECT d.id FROM dossier d ORDER BY coalesce(d.note, '') LIMIT 1;")
        self.taken(head + 'SELECT d.id FROM dossier d JOIN due u ON u.dossier = d.id '
                   'ORDER BY u.n LIMIT 1;')

    def test_anything_interpolated(self):
        for text in ("d.id = ?", "d.id = $1", "d.note = '%s'", "d.note = '{0}'", "d.id = {id}",
                     "d.id = @id", "d.id = #x"):
            self.refused(self.one(f'SELECT d.office FROM dossier d WHERE d.id = :id AND {text};'),
                         'interpolated')

    def test_types_and_inputs(self):
        self.refused(self.one('SELECT d.office FROM dossier d WHERE d.id = :id;',
                              '-- in: id int\n-- out: office office_id\n'), 'unknown type int')
        self.refused(self.one('SELECT d.office FROM dossier d WHERE d.id = :other;'),
                     ':other is not declared')
        self.refused(self.one('SELECT d.office FROM dossier d;'), 'input id is never used')
        self.refused('-- name: f :one\n-- in: id i64\n-- out: v i64\n-- sqlite:\n'
                     'SELECT :id AS v;\n-- postgres:\nSELECT 1 AS v;\n', 'never used in postgres')
        self.refused(self.one('SELECT d.office FROM dossier d WHERE d.id = :int;',
                              '-- in: int i64\n-- out: office office_id\n'), 'cannot be a name')

    def test_columns_must_be_those_declared(self):
        self.refused(self.one('SELECT d.id FROM dossier d WHERE d.id = :id;'),
                     'columns are id but')
        self.refused(self.one('SELECT d.office, d.id FROM dossier d WHERE d.id = :id;'),
                     'columns are office, id but')
        self.refused(self.one('SELECT d.absent AS office FROM dossier d WHERE d.id = :id;'),
                     'no such column')

    def test_an_officer_reads_through_views(self):
        head = '-- as: officer\n-- in: id dossier_id\n-- out: office office_id\n'
        self.refused(self.one('SELECT d.office FROM dossier d WHERE d.id = :id;', head),
                     'only through a view')
        self.refused(self.one('SELECT d.office FROM v_dossier d JOIN due u ON u.dossier = d.id '
                              'WHERE d.id = :id;', head), 'only through a view')
        self.refused(self.one('WITH v_mine AS (SELECT d.office FROM dossier d WHERE d.id = :id) '
                              'SELECT m.office FROM v_mine m;', head), 'mark of the schema')
        self.refused(self.one('WITH a AS (SELECT 1), v_mine (office) AS (SELECT d.office FROM '
                              'dossier d WHERE d.id = :id) SELECT m.office FROM v_mine m;', head),
                     'mark of the schema')
        for body in ('SELECT count(*) AS office FROM dossier WHERE :id = 1;',
                     'SELECT count(*) AS office FROM v_dossier v, dossier d WHERE v.id = :id;',
                     'SELECT v.office FROM v_dossier v CROSS JOIN "dossier" WHERE v.id = :id;',
                     'SELECT v.office FROM v_dossier v WHERE v.id = :id AND EXISTS '
                     '(SELECT 1 FROM due);'):
            self.refused(self.one(body, head), 'only through a view')
        # Only the key of the table under the view is used: SQLite asks for no column of it.
        self.taken(self.one('SELECT count(*) AS office FROM v_due u WHERE u.dossier = :id;', head))
        self.taken(self.one('SELECT d.office FROM v_dossier d WHERE d.id = :id;', head))
        self.refused('-- name: f :exec\n-- as: officer\n-- in: id dossier_id\n'
                     'DELETE FROM due WHERE dossier = :id;', 'only reads')
        self.refused(self.one('SELECT d.office FROM v_dossier d WHERE d.id = :id;'),
                     'as: officer')

    def test_many_needs_a_bound(self):
        head = '-- name: f :many\n-- out: id dossier_id\n'
        self.refused(head + 'SELECT d.id FROM dossier d;', 'needs a LIMIT')
        self.taken(head + '-- bounded: a handful\nSELECT d.id FROM dossier d;')

    def test_shapes(self):
        self.refused('-- name: f :all\nSELECT 1;', 'kind of')
        self.refused('-- name: f :exec\nSELECT 1;', 'a SELECT is not :exec')
        self.refused('-- name: f :one\nSELECT 1 AS v;', 'says what comes out')
        self.refused('-- name: f :one\n-- out: v i64\nSELECT 1 AS v', 'semicolon')
        self.refused('-- name: f :one\n-- out: v i64\nSELECT 1 AS v; SELECT 2;', 'one statement')
        self.refused('-- name: f :one\n-- out: v i64\nSELECT 1 AS v;\n\n'
                     '-- name: f :one\n-- out: v i64\nSELECT 1 AS v;', 'name is taken')
        self.refused('-- name: f :one\n-- out: v i64\n-- sqlite:\nSELECT 1 AS v;',
                     'needs one for the other')

    def test_schemas(self):
        self.refused('', 'has no known type', '-- version: 1\nCREATE TABLE t (a VARCHAR);',
                     'schema')
        self.refused('', 'has no known type', '-- version: 1\nCREATE TABLE t (a);', 'schema')
        self.refused('', 'no schema says', 'CREATE TABLE t (a INT);', 'schema')
        self.refused('', 'virtual table', '-- version: 1\nCREATE VIRTUAL TABLE t USING fts5(x);',
                     'schema')
        self.refused('', 'unknown store', '-- version: 1\n-- store: moon\nCREATE TABLE t (a INT);',
                     'schema')
        self.taken('', '-- store: fts\n-- version: 1\n-- sqlite:\nCREATE VIRTUAL TABLE t USING '
                   'fts5(x);\n-- postgres:\nCREATE TABLE t (x TEXT);\n-- end\n', 'schema')

    def test_a_version_is_one_schema(self):
        table = 'CREATE TABLE t (a INT);'
        right = hashlib.sha256(b'CREATE TABLE t(a INTEGER) STRICT;').hexdigest()[:16]
        self.taken('', f'-- version: 1 {right}\n{table}', 'schema')
        self.refused('', 'no longer that of version 1', f'-- version: 1 {right}\n'
                     'CREATE TABLE t (a INT, b INT);', 'schema')
        self.refused('', 'said twice', f'-- version: 1\n-- version: 2\n{table}', 'schema')
        self.refused('', 'of store keys', f'-- version: 1\n{table}\n-- store: keys\n{table}',
                     'schema')
        for line in ('-- version: x', '-- version: 0', '-- version: 1 abc', '-- was: 1'):
            self.refused('', '-- version: N [DIGEST]', f'{line}\n{table}', 'schema')

    def test_each_version_leads_to_the_next(self):
        was = '-- was: 1 0123456789abcdef fedcba9876543210\n-- was: 2 0123456789abcdef\n'
        schema = f'-- version: 3\n{was}CREATE TABLE t (a INT, b INT);'
        to_2 = '-- version: 2\nCREATE TABLE t (a INT);\n'
        to_3 = '-- version: 3\nALTER TABLE t ADD COLUMN b INT;\n'
        for mode, integer in (('schema', 'INTEGER'), ('postgres', 'BIGINT')):
            out = self.taken('', schema, mode, to_2 + to_3)
            self.assertIn(f'"ALTER TABLE t ADD COLUMN b {integer};"', out)
            self.assertIn('{2, from_main_2, step_main_2},\n    {3, from_main_3, step_main_3},\n'
                          '    {0, NULL, NULL}', out)
            self.assertIn('"0123456789abcdef",\n    "fedcba9876543210",\n    NULL', out)
        for steps in (to_2, to_3, to_2 + to_3 + '-- version: 4\nDROP TABLE t;\n', ''):
            self.refused('', 'needs a step to the next', schema, 'schema', steps)
        self.refused('', 'needs a step to the next', schema.replace('version: 3', 'version: 4'),
                     'schema', to_2 + to_3)
        self.refused('', 'a step has', schema, 'schema', '-- store: moon\n' + to_2 + to_3)

    def test_a_refusal_names_file_and_line(self):
        err = self.refused('-- name: f :one\n-- out: v i64\nSELECT\n  now() AS v;', 'now')
        self.assertRegex(err, r'x\.sql:4: f: ')


if __name__ == '__main__':
    unittest.main()
