-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: bench_token_add :exec
-- in: officer officer_id, hash blob
INSERT INTO token (officer, hash, label, made_day, until_day, active)
VALUES (:officer, :hash, 'bench', 0, 2147483647, 1);

-- name: bench_token_find :one
-- in: hash blob, day day
-- out: id token_id, officer officer_id, name text
SELECT t.id, t.officer, o.name FROM token t JOIN officer o ON o.id = t.officer
WHERE t.hash = :hash AND t.active = 1 AND t.until_day >= :day AND o.active = 1;
