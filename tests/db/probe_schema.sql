-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A small store for the tests of src/db alone.
-- version: 7
CREATE TABLE schema_version (id ID PRIMARY KEY, version INT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE item (
    id   ID PRIMARY KEY,
    note TEXT,
    data BLOB NOT NULL,
    big  INT NOT NULL,
    day  DAY NOT NULL,
    fine BOOL NOT NULL
);
CREATE TABLE office (id ID PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE dossier (id ID PRIMARY KEY, officer ID NOT NULL, from_day DAY NOT NULL);
CREATE VIEW v_dossier AS
SELECT d.id, d.from_day FROM dossier d
WHERE d.officer = hy_officer() AND d.from_day <= hy_today();

-- store: keys
-- version: 7
CREATE TABLE schema_version (id ID PRIMARY KEY, version INT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE secret (id ID PRIMARY KEY, data BLOB NOT NULL);
