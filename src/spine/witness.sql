-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: witness_rows :many
-- out: witness text, vkey text, since_us us
SELECT witness, vkey, since_us FROM log_witness ORDER BY witness LIMIT 100;

-- name: witness_put :exec
-- in: witness text, vkey text, since_us us
INSERT INTO log_witness (witness, vkey, since_us) VALUES (:witness, :vkey, :since_us);

-- name: witness_drop :count
-- in: witness text
DELETE FROM log_witness WHERE witness = :witness;

-- What a witness may have seen: no checkpoint that was not public.
-- name: witness_checkpoint :one
-- in: size i64
-- out: root blob
SELECT c.root FROM log_checkpoint c WHERE c.size = :size AND c.public = 1;

-- The first time a witness said it is the one that counts.
-- name: witness_cosig_put :count
-- in: size i64, witness text, line text, at us
INSERT INTO log_cosig (size, witness, line, at_us) VALUES (:size, :witness, :line, :at)
ON CONFLICT (size, witness) DO NOTHING;

-- name: witness_last :one
-- in: witness text
-- out: size i64, at_us us
SELECT c.size, c.at_us FROM log_cosig c WHERE c.witness = :witness ORDER BY c.size DESC LIMIT 1;
