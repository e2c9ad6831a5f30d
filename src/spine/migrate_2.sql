-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 2 is the first that is counted: three schemas called themselves version 1, the first, one
-- with the view, one with view and index as they are here. The step makes both anew, whichever of
-- them it finds, so that it is one text and not three.
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
