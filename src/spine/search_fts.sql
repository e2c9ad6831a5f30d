-- SPDX-License-Identifier: AGPL-3.0-or-later
-- store: fts

-- name: fts_put :exec
-- in: id i64, words text
INSERT INTO hit (rowid, words) VALUES (:id, :words);

-- name: fts_drop :exec
-- in: id i64
DELETE FROM hit WHERE rowid = :id;

-- name: fts_empty :exec
DELETE FROM hit;

-- name: fts_mark_get :one
-- out: leaf i64
SELECT coalesce(max(leaf), 0) AS leaf FROM indexed WHERE id = 1;

-- name: fts_mark_put :exec
-- in: leaf i64
INSERT INTO indexed (id, leaf) VALUES (1, :leaf) ON CONFLICT (id) DO UPDATE SET leaf = excluded.leaf;

-- How far the index had come when it was made one part.
-- name: fts_whole_get :one
-- out: leaf i64
SELECT coalesce(max(leaf), 0) AS leaf FROM indexed WHERE id = 2;

-- name: fts_whole_put :exec
-- in: leaf i64
INSERT INTO indexed (id, leaf) VALUES (2, :leaf) ON CONFLICT (id) DO UPDATE SET leaf = excluded.leaf;

-- About so many pages: below 0 it begins with all parts, else it goes on.
-- name: fts_merge :exec
-- in: pages i64
-- sqlite:
INSERT INTO hit (hit, rank) VALUES ('merge', :pages);
-- postgres:
DELETE FROM hit WHERE rowid < 0 AND :pages = 0;

-- Newest first, below the last one of the page before.
-- name: fts_find :many
-- in: query text, below i64, max i64
-- out: id i64
-- sqlite:
SELECT rowid AS id FROM hit WHERE hit MATCH :query AND rowid < :below ORDER BY rowid DESC LIMIT :max;
-- postgres:
SELECT rowid AS id FROM hit
WHERE ts_match_vq(to_tsvector('simple', words), plainto_tsquery('simple', :query))
  AND rowid < :below
ORDER BY rowid DESC LIMIT :max;
