-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Dues whose moment has come, in the order of their index, after the last one of the chunk before.

-- Of days: the last day lies before today.
-- name: sweep_passed :many
-- in: today day, after_day day, after dossier_id, after_n i64, max i64
-- out: day day, dossier dossier_id, n i64, kind i32
SELECT u.at_day AS day, u.dossier, u.n, d.kind
FROM due u JOIN dossier d ON d.id = u.dossier
WHERE u.state = 1 AND u.fine = 0 AND u.at_day < :today
  AND (u.at_day, u.dossier, u.n) > (:after_day, :after, :after_n)
ORDER BY u.at_day, u.dossier, u.n LIMIT :max;

-- Of minutes and hours.
-- name: sweep_passed_fine :many
-- in: now us, after_us us, after dossier_id, after_n i64, max i64
-- out: at_us us, dossier dossier_id, n i64, kind i32
SELECT u.at_us, u.dossier, u.n, d.kind
FROM due u JOIN dossier d ON d.id = u.dossier
WHERE u.state = 1 AND u.fine = 1 AND u.at_us <= :now
  AND (u.at_us, u.dossier, u.n) > (:after_us, :after, :after_n)
ORDER BY u.at_us, u.dossier, u.n LIMIT :max;

-- Standing still until a day that has passed.
-- name: sweep_stood :many
-- in: today day, after_day day, after dossier_id, after_n i64, max i64
-- out: day day, dossier dossier_id, n i64, kind i32
SELECT u.until_day AS day, u.dossier, u.n, d.kind
FROM due u JOIN dossier d ON d.id = u.dossier
WHERE u.state = 2 AND u.until_day > 0 AND u.until_day < :today
  AND (u.until_day, u.dossier, u.n) > (:after_day, :after, :after_n)
ORDER BY u.until_day, u.dossier, u.n LIMIT :max;

-- Counted with another version of a calendar; names are compared as a range "CN@" to "CNA".
-- name: sweep_other_calendar :many
-- in: after dossier_id, after_n i64, low text, high text, version text, max i64
-- out: dossier dossier_id, n i64, kind i32
SELECT u.dossier, u.n, d.kind
FROM due u JOIN dossier d ON d.id = u.dossier
WHERE u.state IN (1, 2) AND u.calendar >= :low AND u.calendar < :high AND u.calendar <> :version
  AND (u.dossier, u.n) > (:after, :after_n)
ORDER BY u.dossier, u.n LIMIT :max;

-- Is a due still as it was found, or was it settled with another one of its dossier?
-- name: sweep_due_state :one
-- in: dossier dossier_id, n i64
-- out: state i32
SELECT state FROM due WHERE dossier = :dossier AND n = :n;

-- When to look again.
-- name: sweep_next :one
-- out: day day, at_us us, until_day day
SELECT coalesce((SELECT min(at_day) FROM due WHERE state = 1 AND fine = 0), 2147483647) AS day,
       coalesce((SELECT min(at_us) FROM due WHERE state = 1 AND fine = 1),
                9223372036854775807) AS at_us,
       coalesce((SELECT min(until_day) FROM due WHERE state = 2 AND until_day > 0),
                2147483647) AS until_day;
