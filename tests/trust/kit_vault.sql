-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What stands in the vault, for tests that open it by hand.
-- store: vault

-- name: kit_item :one
-- in: handle blob
-- out: pending bool, mode i32, nonce blob, ct blob, created_day day
SELECT EXISTS (SELECT 1 FROM pending p WHERE p.handle = i.handle) AS pending, i.mode, i.nonce, i.ct,
       i.created_day
FROM item i WHERE i.handle = :handle;

-- name: kit_share :one
-- in: handle blob, share_no i32
-- out: role_id blob, epoch i64, sealed blob
SELECT i.role_a AS role_id, i.epoch_a AS epoch, i.share_a AS sealed
FROM item i WHERE i.handle = :handle AND :share_no = 1
UNION ALL SELECT i.role_b, i.epoch_b, i.share_b
FROM item i WHERE i.handle = :handle AND :share_no = 2 AND i.mode = 2;

-- name: kit_notify :one
-- in: handle blob
-- out: sealed blob
SELECT i.notify AS sealed FROM item i WHERE i.handle = :handle;

-- name: kit_role :one
-- in: role_id blob
-- out: epoch i64, pub blob, sealed blob, custodian_id blob
SELECT r.epoch, r.pub, w.sealed, w.custodian_id
FROM role_key r JOIN role_wrap w ON w.role_id = r.role_id AND w.epoch = r.epoch
WHERE r.role_id = :role_id LIMIT 1;

-- name: kit_custodian :one
-- in: id blob
-- out: pub blob, salt blob, ops i64, mem i64, nonce blob, enc_sk blob
SELECT c.pub, c.salt, c.ops, c.mem, c.nonce, c.enc_sk FROM custodian c WHERE c.id = :id;

-- name: kit_bar_count :one
-- in: handle blob
-- out: n i64
SELECT count(*) AS n FROM bar b WHERE b.handle = :handle;

-- name: kit_policy_two :exec
-- in: id i64, role_a blob, role_b blob
INSERT INTO policy (id, mode, role_a, role_b) VALUES (:id, 2, :role_a, :role_b);

-- name: kit_kept_count :one
-- out: n i64
SELECT count(*) AS n FROM item i
WHERE NOT EXISTS (SELECT 1 FROM pending p WHERE p.handle = i.handle);
