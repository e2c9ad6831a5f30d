-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: code_put :exec
-- in: lookup blob, dossier dossier_id
INSERT INTO code (lookup, dossier, uses, state) VALUES (:lookup, :dossier, 0, 1);

-- name: code_row :one
-- in: lookup blob
-- out: dossier dossier_id, uses i64, state i32
SELECT c.dossier, c.uses, c.state FROM code c WHERE c.lookup = :lookup;

-- name: code_count_use :count
-- in: lookup blob
UPDATE code SET uses = uses + 1 WHERE lookup = :lookup AND state = 1;

-- name: code_set_burned :count
-- in: lookup blob
UPDATE code SET state = 2 WHERE lookup = :lookup AND state = 1;

-- name: code_set_expired :exec
-- in: dossier dossier_id
UPDATE code SET state = 3 WHERE dossier = :dossier AND state = 1;

-- name: code_of_dossier :one
-- in: dossier dossier_id
-- out: n i64
SELECT count(*) AS n FROM code c WHERE c.dossier = :dossier;

-- name: newest_dossier :one
-- out: id dossier_id
SELECT coalesce(max(d.id), 0) AS id FROM dossier d;

-- Vault items of the newest matters: their confirmation may have been lost.
-- name: vault_handles :many
-- in: below dossier_id
-- out: id dossier_id, handle blob, entered_us us
SELECT m.id, m.handle, m.entered_us FROM matter m WHERE m.id < :below
ORDER BY m.id DESC LIMIT 500;
