-- SPDX-License-Identifier: AGPL-3.0-or-later
-- store: vault

-- name: policy_get :one
-- in: id i64
-- out: mode i32, role_a blob, role_b blob
SELECT p.mode, p.role_a, p.role_b FROM policy p WHERE p.id = :id;

-- name: policy_put :exec
-- in: id i64, mode i32, role_a blob, role_b blob
INSERT INTO policy (id, mode, role_a, role_b) VALUES (:id, :mode, :role_a, :role_b);

-- name: item_put :exec
-- in: handle blob, mode i32, policy i64, created_day day, role_a blob, epoch_a i64, share_a blob, role_b blob, epoch_b i64, share_b blob, notify blob, nonce blob, ct blob
INSERT INTO item (handle, mode, policy, created_day, hold_until, expires_day, last_slot,
                  role_a, epoch_a, share_a, role_b, epoch_b, share_b, notify, nonce, ct)
VALUES (:handle, :mode, :policy, :created_day, 0, 0, 0,
        :role_a, :epoch_a, :share_a, :role_b, :epoch_b, :share_b, :notify, :nonce, :ct);

-- name: pending_put :exec
-- in: handle blob, created_day day
INSERT INTO pending (handle, created_day) VALUES (:handle, :created_day);

-- name: item_waits :one
-- in: handle blob
-- out: pending bool
SELECT EXISTS (SELECT 1 FROM pending p WHERE p.handle = i.handle) AS pending
FROM item i WHERE i.handle = :handle;

-- name: pending_oldest :one
-- out: day day
SELECT coalesce(min(p.created_day), 2147483647) AS day FROM pending p;

-- name: pending_stale :many
-- in: before day
-- out: handle blob
SELECT p.handle FROM pending p WHERE p.created_day < :before LIMIT 1000;

-- name: pending_delete :exec
-- in: handle blob
DELETE FROM pending WHERE handle = :handle;

-- name: item_delete :exec
-- in: handle blob
DELETE FROM item WHERE handle = :handle;

-- name: bar_delete :exec
-- in: handle blob
DELETE FROM bar WHERE handle = :handle;

-- name: bar_put :exec
-- in: handle blob, kind i32, id blob
INSERT INTO bar (handle, kind, id) VALUES (:handle, :kind, :id)
ON CONFLICT (handle, kind, id) DO NOTHING;

-- name: role_key_live :one
-- in: role_id blob
-- out: epoch i64, pub blob
SELECT r.epoch, r.pub FROM role_key r WHERE r.role_id = :role_id AND r.state = 1
ORDER BY r.epoch DESC LIMIT 1;

-- name: role_key_put :exec
-- in: role_id blob, epoch i64, pub blob
INSERT INTO role_key (role_id, epoch, pub, state) VALUES (:role_id, :epoch, :pub, 1);

-- name: role_wrap_put :exec
-- in: role_id blob, epoch i64, custodian_id blob, sealed blob
INSERT INTO role_wrap (role_id, epoch, custodian_id, sealed)
VALUES (:role_id, :epoch, :custodian_id, :sealed);

-- name: custodian_get :one
-- in: id blob
-- out: pub blob, state i32
SELECT c.pub, c.state FROM custodian c WHERE c.id = :id;

-- name: custodian_put :exec
-- in: id blob, person_tag blob, pub blob, salt blob, ops i64, mem i64, nonce blob, enc_sk blob
INSERT INTO custodian (id, person_tag, pub, salt, ops, mem, nonce, enc_sk, state, fails, next_try)
VALUES (:id, :person_tag, :pub, :salt, :ops, :mem, :nonce, :enc_sk, 1, 0, 0);

-- name: vault_counts :one
-- out: roles i64, custodians i64
SELECT (SELECT count(*) FROM role_key r WHERE r.state = 1) AS roles,
       (SELECT count(*) FROM custodian c WHERE c.state = 1) AS custodians;

-- name: head_get :one
-- out: size i64, root blob, sig blob
SELECT h.size, h.root, h.sig FROM head h WHERE h.id = 1;

-- name: head_put :exec
-- in: size i64, root blob, sig blob
INSERT INTO head (id, size, root, sig) VALUES (1, :size, :root, :sig)
ON CONFLICT (id) DO UPDATE SET size = excluded.size, root = excluded.root, sig = excluded.sig;
