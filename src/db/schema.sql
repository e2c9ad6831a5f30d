-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What every store file has, and the settings of the installation. Beside each store's version
-- stands the digest of its schema, and which schemas data folders in the world have: tools/sql_schema.py.

-- ---- main ------------------------------------------------------------------------------------
-- version: 2 9f094aa270dbbcc9
-- was: 1 a35ced1f7684ecbb 397bd2a9fb7e5e73 8542171bbe7bc173

CREATE TABLE schema_version (
    id      ID PRIMARY KEY,            -- always 1
    version INT NOT NULL,
    digest  TEXT NOT NULL              -- of the schema's text: tells builds of one version apart
);

-- What an administrator may change; a change is an event of the system stream.
CREATE TABLE setting (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    changed_us US NOT NULL
) WITHOUT_ROWID;

-- What was decided when the installation was made: origin, zone, pack, whether it is a demo.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT_ROWID;

-- ---- keys.db ---------------------------------------------------------------------------------
-- store: keys
-- version: 1 d50e397ae6f163e5

CREATE TABLE schema_version (
    id      ID PRIMARY KEY,
    version INT NOT NULL,
    digest  TEXT NOT NULL
);

-- ---- vault.db --------------------------------------------------------------------------------
-- store: vault
-- version: 3 5b3ff4ace93479fa
-- was: 2 69f77cf13391901c
-- was: 1 2b9cfa61c4af4665

CREATE TABLE schema_version (
    id      ID PRIMARY KEY,
    version INT NOT NULL,
    digest  TEXT NOT NULL
);

-- ---- fts.db ----------------------------------------------------------------------------------
-- store: fts
-- version: 1 471aa561c856286d

CREATE TABLE schema_version (
    id      ID PRIMARY KEY,
    version INT NOT NULL,
    digest  TEXT NOT NULL
);
