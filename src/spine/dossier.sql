-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: dossier_next_id :one
-- out: id i64
SELECT coalesce(max(id), 0) + 1 AS id FROM dossier;

-- name: dossier_row :one
-- in: id dossier_id
-- out: kind i32, office office_id, state i32, opened_day day, pack text, content i32, seq i64, tail blob, mlk blob
SELECT kind, office, state, opened_day, pack, content, seq, tail, mlk FROM dossier WHERE id = :id;

-- name: dossier_insert :exec
-- in: id dossier_id, kind i32, office office_id, state i32, opened_day day, pack text, content i32, seq i64, tail blob, mlk blob
INSERT INTO dossier (id, kind, office, state, opened_day, pack, content, seq, tail, mlk)
VALUES (:id, :kind, :office, :state, :opened_day, :pack, :content, :seq, :tail, :mlk);

-- name: dossier_update :exec
-- in: id dossier_id, office office_id, state i32, seq i64, tail blob
UPDATE dossier SET office = :office, state = :state, seq = :seq, tail = :tail WHERE id = :id;

-- name: counter_add :exec
-- in: office office_id, kind i32, state i32, n i64
INSERT INTO counter (office, kind, state, n) VALUES (:office, :kind, :state, :n)
ON CONFLICT (office, kind, state) DO UPDATE SET n = counter.n + excluded.n;
