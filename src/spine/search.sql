-- SPDX-License-Identifier: AGPL-3.0-or-later

-- What has happened since, in the order of the log.
-- name: search_news :many
-- in: leaf i64, max i64
-- out: leaf i64, dossier dossier_id
SELECT e.leaf, e.dossier FROM event e WHERE e.leaf >= :leaf ORDER BY e.leaf LIMIT :max;

-- name: search_log_size :one
-- out: size i64
SELECT coalesce(max(size), 0) AS size FROM log_state WHERE id = 1;

-- name: search_seen :one
-- as: officer
-- in: dossier dossier_id
-- out: id dossier_id
SELECT v.id FROM v_dossier v WHERE v.id = :dossier;
