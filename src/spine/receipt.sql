-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: receipt_size :one
-- out: size i64
SELECT coalesce(max(s.size), 0) AS size FROM log_state s WHERE s.id = 1;

-- name: receipt_checkpoint :one
-- in: size i64
-- out: size i64, root blob, sig blob
SELECT c.size, c.root, c.sig FROM log_checkpoint c WHERE c.size <= :size
ORDER BY c.size DESC LIMIT 1;

-- The newest checkpoint over a leaf that somebody outside has cosigned.
-- name: receipt_cosigned :one
-- in: leaf i64
-- out: size i64
SELECT c.size FROM log_cosig c WHERE c.size > :leaf ORDER BY c.size DESC LIMIT 1;

-- name: receipt_cosigs :many
-- in: size i64
-- out: line text
SELECT c.line FROM log_cosig c WHERE c.size = :size ORDER BY c.witness LIMIT 31;
