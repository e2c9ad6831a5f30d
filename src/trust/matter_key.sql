-- SPDX-License-Identifier: AGPL-3.0-or-later
-- store: keys

-- name: matter_key_put :exec
-- in: matter dossier_id, kind i32, epoch i64, nonce blob, wrapped blob, made_day day
INSERT INTO matter_key (matter_id, kind, kek_epoch, nonce, wrapped, made_day)
VALUES (:matter, :kind, :epoch, :nonce, :wrapped, :made_day)
ON CONFLICT (matter_id, kind) DO UPDATE SET kek_epoch = excluded.kek_epoch,
    nonce = excluded.nonce, wrapped = excluded.wrapped, made_day = excluded.made_day;

-- name: matter_key_get :one
-- in: matter dossier_id, kind i32
-- out: kek_epoch i64, nonce blob, wrapped blob
SELECT k.kek_epoch, k.nonce, k.wrapped FROM matter_key k
WHERE k.matter_id = :matter AND k.kind = :kind;

-- name: matter_key_delete :exec
-- in: matter dossier_id, kind i32
DELETE FROM matter_key WHERE matter_id = :matter AND kind = :kind;

-- Keys made for dossiers that were never committed.
-- name: matter_key_orphans :count
-- in: newest dossier_id, before day
DELETE FROM matter_key WHERE matter_id > :newest AND made_day < :before;
