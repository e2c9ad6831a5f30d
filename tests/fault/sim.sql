-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the simulation asks beside the program's own statements.

-- Which dossiers were written to since a leaf of the log, along its index.
-- name: sim_touched :many
-- in: leaf i64
-- out: dossier dossier_id
SELECT e.dossier FROM event e WHERE e.leaf >= :leaf ORDER BY e.leaf LIMIT 100000;

-- name: sim_leaves :one
-- in: id i64
-- out: size i64
SELECT coalesce(max(size), 0) AS size FROM log_state WHERE id = :id;

-- Dues whose moment has come and that nothing was done about: none after a sweep.
-- name: sim_passed :one
-- in: now us, today day
-- out: count i64, dossier dossier_id, n i64
SELECT count(*) AS count, coalesce(min(dossier), 0) AS dossier, coalesce(min(n), 0) AS n FROM due
WHERE (state = 1 AND at_us <= :now) OR (state = 2 AND until_day > 0 AND until_day < :today);

-- Every matter with what is owed in it, by an office that exists.
-- name: sim_standing :many
-- in: after dossier_id
-- out: id dossier_id, state i32, seq i64, office office_id, owed i64
SELECT d.id, d.state, d.seq, d.office,
       (SELECT count(*) FROM due u JOIN office o ON o.id = u.office
        WHERE u.dossier = d.id AND u.side = 1 AND u.state IN (1, 2, 4)) AS owed
FROM dossier d WHERE d.kind = 1 AND d.id > :after ORDER BY d.id LIMIT 1000;

-- What an office owes (state 1) or has missed (4), whoever may see it.
-- name: sim_owed :many
-- in: office office_id, state i32, after_day day, after dossier_id, after_n i64
-- out: dossier dossier_id, n i64, day day
SELECT u.dossier, u.n, u.at_day AS day FROM due u
WHERE u.office = :office AND u.side = 1 AND u.state = :state
  AND (u.at_day > :after_day OR (u.at_day = :after_day AND (u.dossier > :after
       OR (u.dossier = :after AND u.n > :after_n))))
ORDER BY u.at_day, u.dossier, u.n LIMIT 1000;

-- Every due of a matter, as the lists find it.
-- name: sim_dues :many
-- in: dossier dossier_id
-- out: n i64, state i32, office office_id, at_us us
SELECT n, state, office, at_us FROM due WHERE dossier = :dossier ORDER BY n LIMIT 10000;
