-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Which rows an import has taken: the hash of source and key, nothing else of the row.

-- name: import_find :one
-- in: hash blob
-- out: matter dossier_id
SELECT i.matter FROM imported i WHERE i.hash = :hash;

-- name: import_add :exec
-- in: hash blob, matter dossier_id
INSERT INTO imported (hash, matter) VALUES (:hash, :matter);
