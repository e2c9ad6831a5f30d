-- SPDX-License-Identifier: AGPL-3.0-or-later
-- fts.db: redacted words of open dossiers, and how far the index has come. It can be thrown away
-- and made again at any time.
-- store: fts

-- sqlite:
CREATE VIRTUAL TABLE hit USING fts5 (words, tokenize = 'ascii');
-- postgres:
CREATE TABLE hit (
    rowid INT PRIMARY KEY,
    words TEXT NOT NULL
);
-- end

CREATE TABLE indexed (
    id   ID PRIMARY KEY,               -- 1: now; 2: when the index was last made one part
    leaf INT NOT NULL                  -- every event below this leaf of the log has been seen
);
