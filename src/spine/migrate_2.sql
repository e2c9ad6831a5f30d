-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 2 is the first that is counted: three schemas called themselves version 1, the first, one
-- with the view, one with view and index as they are here. The step makes both anew, whichever of
-- them it finds, so that it is one text and not three. And it puts the events into the order of the
-- log.
-- version: 2

DROP VIEW IF EXISTS reporting_line;
CREATE VIEW reporting_line (above_is_office, above, below_is_office, below, post, to_day) AS
SELECT 0, officer, 0, subordinate, 0, 2147483647 FROM supervises
UNION ALL SELECT 0, officer, 1, office, post, to_day FROM holds
UNION ALL SELECT 1, parent, 1, id, 0, 2147483647 FROM office
UNION ALL SELECT 1, office, 0, officer, 0, to_day FROM holds;

DROP INDEX due_queue;
CREATE INDEX due_queue ON due (office, state, at_day, dossier)
    WHERE side = 1 AND state <> 2 AND state <> 3 AND state <> 5;

-- Every event is copied twice, so that the new table has the name and the text of a fresh one.
DROP VIEW v_event;
CREATE TABLE event_moved (
    leaf    ID PRIMARY KEY,
    dossier ID NOT NULL,
    seq     INT NOT NULL,
    at_us   US NOT NULL,
    type    TEXT NOT NULL,
    text    BLOB NOT NULL,
    payload BLOB NOT NULL,
    bsalt   BLOB NOT NULL
);
INSERT INTO event_moved (leaf, dossier, seq, at_us, type, text, payload, bsalt)
SELECT leaf, dossier, seq, at_us, type, text, payload, bsalt FROM event ORDER BY leaf;
DROP TABLE event;
CREATE TABLE event (
    leaf    ID PRIMARY KEY,            -- its index in the log
    dossier ID NOT NULL,               -- 0: the system stream
    seq     INT NOT NULL,
    at_us   US NOT NULL,
    type    TEXT NOT NULL,
    text    BLOB NOT NULL,             -- canonical text, or a field blob for sealed kinds
    payload BLOB NOT NULL,             -- canonical JSON, or a field blob; empty for none
    bsalt   BLOB NOT NULL              -- salt of the body commitment; empty without payload
);
INSERT INTO event (leaf, dossier, seq, at_us, type, text, payload, bsalt)
SELECT leaf, dossier, seq, at_us, type, text, payload, bsalt FROM event_moved ORDER BY leaf;
DROP TABLE event_moved;
CREATE UNIQUE INDEX event_place ON event (dossier, seq);
CREATE VIEW v_event AS
SELECT e.dossier, e.seq, e.at_us, e.type, e.text, e.payload, e.leaf
FROM event e JOIN v_dossier v ON v.id = e.dossier;
