-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What somebody with the file could do to it.
-- store: keys

-- name: kit_key_move :exec
-- in: from dossier_id, to dossier_id
UPDATE matter_key SET matter_id = :to WHERE matter_id = :from;

-- name: kit_key_epoch :exec
-- in: id dossier_id, epoch i64
UPDATE matter_key SET kek_epoch = :epoch WHERE matter_id = :id;
