-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What every store file has, and the settings of the installation.
-- version: 1

-- ---- main ------------------------------------------------------------------------------------

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

CREATE TABLE schema_version (
    id      ID PRIMARY KEY,
    version INT NOT NULL,
    digest  TEXT NOT NULL
);

-- ---- vault.db --------------------------------------------------------------------------------
-- store: vault

CREATE TABLE schema_version (
    id      ID PRIMARY KEY,
    version INT NOT NULL,
    digest  TEXT NOT NULL
);

-- ---- fts.db ----------------------------------------------------------------------------------
-- store: fts

CREATE TABLE schema_version (
    id      ID PRIMARY KEY,
    version INT NOT NULL,
    digest  TEXT NOT NULL
);
