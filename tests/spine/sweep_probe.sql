-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Dues and dossiers for a test, and what the test's room does to a due.

-- name: probe_dossiers :exec
-- in: count i64, kind i32, nothing blob
INSERT INTO dossier (id, kind, office, state, opened_day, pack, content, seq, tail, mlk)
WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT k.i + 1 FROM k WHERE k.i < :count)
SELECT k.i, :kind, 1, 1, 0, '', 1, 0, :nothing, :nothing FROM k;

-- name: probe_dues :exec
-- in: count i64, n i64, state i32, at_us us, at_day day, fine bool, until_day day, calendar text
INSERT INTO due (dossier, n, rule, side, state, office, start_us, at_us, at_day, fine, provisional,
                 calendar, until_day, extended, stood_us, since_us)
WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT k.i + 1 FROM k WHERE k.i < :count)
SELECT k.i, :n, 'probe', 1, :state, 1, 0, :at_us, :at_day, :fine, 0, :calendar, :until_day, 0, 0, 0
FROM k;

-- Counts how often it was acted on in `extended`.
-- name: probe_act :count
-- in: dossier dossier_id, n i64, state i32, calendar text
UPDATE due SET state = :state, calendar = :calendar, until_day = 0, extended = extended + 1
WHERE dossier = :dossier AND n = :n;

-- name: probe_result :one
-- in: state i32
-- out: once i64, other i64
SELECT coalesce(sum(CASE WHEN extended = 1 AND state = :state THEN 1 ELSE 0 END), 0) AS once,
       coalesce(sum(CASE WHEN extended = 1 AND state = :state THEN 0 ELSE 1 END), 0) AS other
FROM due;
