# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads the schemas of the stores in both dialects, and the steps from one version to the next.

A schema is written once with ID INT DAY US TEXT BLOB BOOL and WITHOUT_ROWID; `-- sqlite:` and
`-- postgres:` begin what is for one dialect, until `-- end`. `-- store: keys` says whose tables
follow (main keys vault fts). A store that has tables says once which version they are, and which
schemas its earlier versions had, by digest:

  -- version: 2 8542171bbe7bc173
  -- was: 1 a35ced1f7684ecbb 397bd2a9fb7e5e73

A schema whose digest is no longer the one that stands beside its version is refused: data folders
in the world have the other one. It gets the next version, a "was:" line for the last, and a step:
src/<room>/migrate_3.sql with `-- version: 3` and the statements that lead there. Statements of one
version and store are one step, in the order in which the rooms are named.
"""

import hashlib
import re
import sqlite3

STORES = ['main', 'keys', 'vault', 'fts']

# Type macros of schemas and of CAST(… AS X).
MACROS = {
    'sqlite': {'ID': 'INTEGER', 'INT': 'INTEGER', 'DAY': 'INTEGER', 'US': 'INTEGER',
               'BOOL': 'INTEGER', 'TEXT': 'TEXT', 'BLOB': 'BLOB'},
    'postgres': {'ID': 'BIGINT', 'INT': 'BIGINT', 'DAY': 'INTEGER', 'US': 'BIGINT',
                 'BOOL': 'SMALLINT', 'TEXT': 'TEXT', 'BLOB': 'BYTEA'},
}

TOKEN = re.compile(r'''
    (?P<space>\s+) | (?P<comment>--[^\n]*) | (?P<string>'(?:[^']|'')*') |
    (?P<quoted>"[^"]*") | (?P<param>(?<![:\w]):[A-Za-z_]\w*) | (?P<number>\d[\w.]*) |
    (?P<word>[A-Za-z_]\w*) | (?P<op>::|<>|<=|>=|!=|\|\||.)''', re.X | re.S)


class Refusal(Exception):
    def __init__(self, path, line, text):
        super().__init__(f'{path}:{line}: {text}')


class Token:
    __slots__ = ('kind', 'text', 'line', 'low')

    def __init__(self, kind, text, line):
        self.kind, self.text, self.line = kind, text, line
        self.low = text.lower() if kind == 'word' else text


def tokens_of(sql, first_line):
    out, line = [], first_line
    for m in TOKEN.finditer(sql):
        if m.lastgroup not in ('space', 'comment'):
            out.append(Token(m.lastgroup, m.group(), line))
        line += m.group().count('\n')
    return out


# ---- schemas ------------------------------------------------------------------------------------

class Table:
    def __init__(self, name):
        self.name = name
        self.columns = {}       # name -> may be NULL
        self.protected = None   # True, False or not said
        self.sources = []       # of a view: the tables it names


class Schema:
    """One store: statements per dialect, tables with what may be NULL."""

    def __init__(self, store):
        self.store = store
        self.sql = {'sqlite': [], 'postgres': []}
        self.tables = {}
        self.version = 0        # 0: not said
        self.stated = None      # (path, line, digest) as it stands beside the version
        self.was = {}           # earlier version -> digests
        self.steps = {}         # version -> {dialect: statements that lead to it}

    def protected(self):
        viewed = {t[2:] for t in self.tables if t.startswith('v_')}
        names = []
        for t in self.tables.values():
            if t.name.startswith('v_') or t.protected is False:
                continue
            if t.protected or t.name in viewed or viewed & set(t.columns):
                names.append(t.name)
        return sorted(names)

    def digest(self):
        return hashlib.sha256('\n'.join(self.sql['sqlite']).encode()).hexdigest()[:16]

    def may_be_null(self, table, column, seen=()):
        """True, False, or None when the table has no such column."""
        t = self.tables.get(table)
        if t is None or table in seen:
            return None
        if column in t.columns:
            return t.columns[column]
        found = [self.may_be_null(s, column, (*seen, table)) for s in t.sources]
        found = [f for f in found if f is not None]
        return any(found) if found else None


def split_statements(path, text):
    """(first line, text, directives, dialect) for each `…;`, with `-- sqlite:` blocks honoured."""
    dialect, directives, buffer, start = None, [], [], 1
    for number, line in enumerate(text.split('\n'), 1):
        mark = re.fullmatch(r'\s*--\s*(sqlite|postgres|end|protected|store|open|version|was)\b'
                            r'(?::\s*(.*))?\s*', line)
        if mark and not ''.join(buffer).strip():
            word = mark.group(1)
            if word in ('sqlite', 'postgres'):
                dialect = word
            elif word == 'end':
                dialect = None
            else:
                directives.append((word, (mark.group(2) or '').strip(), number))
            continue
        if not buffer:
            if not line.strip() or line.lstrip().startswith('--'):
                continue
            start = number
        buffer.append(line)
        bare = re.sub(r'--[^\n]*', '', '\n'.join(buffer)).rstrip()
        begins = len(re.findall(r'(?i)\bbegin\b', bare)) > len(re.findall(r'(?i)\bend\s*;', bare))
        if bare.endswith(';') and not begins:
            yield start, '\n'.join(buffer), directives, dialect
            directives, buffer = [], []
    if ''.join(buffer).strip():
        raise Refusal(path, start, 'the statement has no semicolon at its end')
    if directives:
        yield 0, '', directives, None


def render_schema_sql(path, line, tokens, dialect):
    """The statement with the macros of one dialect, on one line."""
    out, macros = [], MACROS[dialect]
    texts = [t.low for t in tokens]
    is_table = texts[:2] == ['create', 'table']
    has_types = is_table or texts[:2] == ['alter', 'table']
    for i, t in enumerate(tokens):
        text = t.text
        if t.kind == 'word' and text in macros and i > 0 and has_types \
                and tokens[i - 1].kind == 'word':
            text = macros[text]
            if dialect == 'postgres' and t.text == 'ID' and texts[i + 1:i + 3] == \
                    ['primary', 'key']:
                text += ' GENERATED BY DEFAULT AS IDENTITY'
        elif text == 'WITHOUT_ROWID':
            continue
        elif t.kind == 'word' and has_types and i > 0 and tokens[i - 1].kind == 'word' and \
                tokens[i - 1].low not in ('create', 'alter', 'table') and \
                text.upper() in ('INTEGER', 'BIGINT', 'VARCHAR', 'REAL', 'BOOLEAN', 'BYTEA',
                                 'TIMESTAMP', 'DATE', 'NUMERIC'):
            raise Refusal(path, t.line, f'unknown type {text}: a schema has '
                          'ID INT DAY US TEXT BLOB BOOL')
        out.append((t, text))
    if is_table and dialect == 'sqlite':
        options = 'STRICT, WITHOUT ROWID' if 'WITHOUT_ROWID' in [t.text for t in tokens] \
            else 'STRICT'
        out.insert(len(out) - 1, (Token('word', options, line), options))
    return join_tokens(out)


def join_tokens(pairs):
    """SQL on one line with the least blanks that keep it readable."""
    sql, last = '', ''
    for token, text in pairs:
        tight = not sql or text in (',', ';', ')', '.') or last in ('(', '.') or text == '::' or \
            last == '::' or (text == '(' and re.fullmatch(r'[A-Za-z_]\w*', last) and
                             last.upper() not in ('IN', 'AND', 'OR', 'NOT', 'AS', 'WHERE', 'ON',
                                                  'VALUES', 'FROM', 'EXISTS', 'WHEN', 'THEN',
                                                  'ELSE', 'BETWEEN', 'BY', 'SELECT', 'KEY'))
        sql += text if tight else ' ' + text
        last = text
    return sql


def read_table(schema, path, tokens, directives):
    words = [t.low for t in tokens]
    if words[:2] == ['create', 'view']:
        table = Table(words[2])
        table.sources = [words[i + 1] for i, w in enumerate(words) if w in ('from', 'join')
                         and i + 1 < len(words) and tokens[i + 1].kind == 'word']
        body = words.index('as')
        names = re.findall(r'(?:as\s+)?(\w+)\s*(?:,|$)',
                           ' '.join(words[body + 2:words.index('from')]))
        if '*' in words[body:words.index('from')]:
            for source in table.sources[:1]:
                names += list(schema.tables[source].columns) if source in schema.tables else []
        for name in names:
            found = [schema.may_be_null(s, name) for s in table.sources]
            table.columns[name] = any(f for f in found if f is not None)
        schema.tables[table.name] = table
        return
    if words[:2] != ['create', 'table']:
        return
    table = Table(words[2])
    depth, item, items = 0, [], []
    for t in tokens[3:]:
        if t.text == '(':
            depth += 1
            if depth == 1:
                continue
        if t.text == ')':
            depth -= 1
            if depth == 0:
                break
        if t.text == ',' and depth == 1:
            items.append(item)
            item = []
        else:
            item.append(t)
    items.append(item)
    keys = set()
    for item in items:
        low = [t.low for t in item]
        if low[:2] == ['primary', 'key']:
            keys |= {t.low for t in item[2:] if t.kind == 'word'}
        elif low and low[0] not in ('unique', 'check', 'foreign', 'constraint'):
            text = ' '.join(low)
            if len(item) < 2 or item[1].text not in MACROS['sqlite']:
                raise Refusal(path, item[0].line, f'column {low[0]} has no known type: '
                              'a schema has ID INT DAY US TEXT BLOB BOOL')
            table.columns[low[0]] = 'not null' not in text and 'primary key' not in text
    for k in keys:
        table.columns[k] = False
    for word, _, _ in directives:
        if word in ('protected', 'open'):
            table.protected = word == 'protected'
    schema.tables[table.name] = table


def read_version(schema, path, word, value, number):
    m = re.fullmatch(r'([1-9]\d*)((?: [0-9a-f]{16})*)', value)
    digests = m.group(2).split() if m else []
    if not m or (word == 'was' and not digests) or (word == 'version' and len(digests) > 1):
        raise Refusal(path, number, '"-- version: N [DIGEST]" or "-- was: N DIGEST …"')
    version = int(m.group(1))
    if word == 'was':
        schema.was[version] = digests
    elif schema.version:
        raise Refusal(path, number, f'the version of store {schema.store} is said twice')
    else:
        schema.version = version
        schema.stated = (path, number, digests[0]) if digests else None


def check_version(schema, path):
    if not schema.version:
        raise Refusal(path, 1, f'no schema says "-- version: N" of store {schema.store}')
    if schema.stated and schema.stated[2] != schema.digest():
        raise Refusal(schema.stated[0], schema.stated[1],
                      f'the schema of store {schema.store} is no longer that of version '
                      f'{schema.version}: its digest is {schema.digest()} now. Stores in the world '
                      'have the other: it needs a new version, "-- was:" for this one, and a step')


def texts_of(path, line, sql, dialect):
    """The statement for each dialect it is meant for."""
    tokens = tokens_of(sql, line)
    for d in ('sqlite', 'postgres'):
        if dialect in (None, d):
            yield d, (join_tokens([(t, t.text) for t in tokens]) if dialect
                      else render_schema_sql(path, line, tokens, d))


def load_schemas(paths):
    schemas = {s: Schema(s) for s in STORES}
    for path in paths:
        store = 'main'
        with open(path, encoding='utf-8') as f:
            text = f.read()
        for line, sql, directives, dialect in split_statements(path, text):
            for word, value, number in directives:
                if word == 'store':
                    if value not in STORES:
                        raise Refusal(path, number, f'unknown store {value}')
                    store = value
                elif word in ('version', 'was'):
                    read_version(schemas[store], path, word, value, number)
                elif word == 'open' and not value:
                    raise Refusal(path, number, 'say why the table is open: "-- open: why"')
            if not sql:
                continue
            tokens = tokens_of(sql, line)
            if dialect is None and [t.low for t in tokens[:2]] == ['create', 'virtual']:
                raise Refusal(path, line, 'a virtual table stands in a "-- sqlite:" block')
            read_table(schemas[store], path, tokens, directives)
            for d, rendered in texts_of(path, line, sql, dialect):
                schemas[store].sql[d].append(rendered)
    for schema in schemas.values():
        if schema.sql['sqlite']:
            check_version(schema, paths[0])
            try:
                open_memory(schema)
            except sqlite3.Error as e:
                raise Refusal(', '.join(paths), 0, f'schema of store {schema.store}: {e}')
    return schemas


def load_steps(paths, schemas):
    """Puts what leads from version to version into the schemas; each that was needs a way out."""
    for path in paths:
        store, version = 'main', 0
        with open(path, encoding='utf-8') as f:
            text = f.read()
        for line, sql, directives, dialect in split_statements(path, text):
            for word, value, number in directives:
                if word == 'store' and value in STORES:
                    store = value
                elif word == 'version' and value.isdigit():
                    version = int(value)
                else:
                    raise Refusal(path, number, 'a step has "-- store:" and "-- version: N"')
            if sql:
                step = schemas[store].steps.setdefault(version, {'sqlite': [], 'postgres': []})
                for d, rendered in texts_of(path, line, sql, dialect):
                    step[d].append(rendered)
    for schema in schemas.values():
        lead_from = sorted(v - 1 for v in schema.steps)
        if lead_from != sorted(schema.was) or \
                lead_from != list(range(schema.version - len(lead_from), schema.version)):
            raise Refusal(', '.join(paths), 0, f'store {schema.store} is version {schema.version}: '
                          'each version that it was, without a gap, needs a step to the next')


def open_memory(schema):
    """A database of this store in memory, to compile statements against."""
    db = sqlite3.connect(':memory:', isolation_level=None)
    db.create_function('hy_officer', 0, lambda: 0, deterministic=True)
    db.create_function('hy_today', 0, lambda: 0, deterministic=True)
    for sql in schema.sql['sqlite']:
        db.execute(sql)
    return db
