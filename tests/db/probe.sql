-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: item_add :exec
-- in: id i64, note text?, data blob, big i64, day day, fine bool
INSERT INTO item (id, note, data, big, day, fine) VALUES (:id, :note, :data, :big, :day, :fine);

-- name: item_take :one
-- in: data blob, big i64
-- out: id i64
INSERT INTO item (data, big, day, fine) VALUES (:data, :big, 0, 0) RETURNING id;

-- name: item_get :one
-- in: id i64
-- out: note text?, data blob, big i64, day day, fine bool
SELECT i.note, i.data, i.big, i.day, i.fine FROM item i WHERE i.id = :id;

-- The note where it must not be absent.
-- name: item_note_get :one
-- in: id i64
-- out: note text
SELECT i.note FROM item i WHERE i.id = :id;

-- The big number as a small one.
-- name: item_small_get :one
-- in: id i64
-- out: big i32
SELECT i.big FROM item i WHERE i.id = :id;

-- name: item_list :many
-- out: id i64, note text?
SELECT i.id, i.note FROM item i ORDER BY i.id LIMIT 1000;

-- name: item_walk :each
-- out: id i64, note text?
SELECT i.id, i.note FROM item i ORDER BY i.id;

-- name: item_drop :count
-- in: from i64
DELETE FROM item WHERE id >= :from;

-- name: item_count :one
-- out: n i64
SELECT count(*) AS n FROM item;

-- A walk that never ends in time.
-- name: endless :one
-- out: n i64
WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT c.n + 1 FROM c WHERE c.n < 4000000000)
SELECT count(*) AS n FROM c;

-- name: dossier_put :exec
-- in: id i64, officer officer_id, from day
INSERT INTO dossier (id, officer, from_day) VALUES (:id, :officer, :from);

-- name: dossier_seen :many
-- as: officer
-- out: id i64
SELECT v.id FROM v_dossier v ORDER BY v.id LIMIT 10;

-- name: dossier_seen_count :one
-- as: officer
-- out: n i64
SELECT count(*) AS n FROM v_dossier;
