-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Statements of tests: a matter's row, and what an attacker or a failing disk would do.

-- name: kit_matter_put :exec
-- in: id dossier_id, handle blob, entered us
INSERT INTO matter (id, kind, route, channel, lang, title, place, identity, handle, received_day,
    entered_us, owner, first_office, offered, handler, answers, outcome, rated, solved, reopened,
    escalated, version)
VALUES (:id, 'help', '', 1, 'en', CAST('' AS BLOB), CAST('' AS BLOB), 2, :handle, 0, :entered,
    1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1);

-- name: kit_event_text_set :exec
-- in: dossier dossier_id, seq i64, body blob
UPDATE event SET text = :body WHERE dossier = :dossier AND seq = :seq;

-- name: kit_event_payload_set :exec
-- in: dossier dossier_id, seq i64, body blob
UPDATE event SET payload = :body WHERE dossier = :dossier AND seq = :seq;

-- name: kit_event_delete :exec
-- in: dossier dossier_id
DELETE FROM event WHERE dossier = :dossier;

-- name: kit_hash_set :exec
-- in: pos i64, h blob
UPDATE log_hash SET h = :h WHERE pos = :pos;

-- name: kit_entry_set :exec
-- in: idx i64, entry blob
UPDATE log_entry SET entry = :entry WHERE idx = :idx;

-- name: kit_event_delete_one :exec
-- in: dossier dossier_id, seq i64
DELETE FROM event WHERE dossier = :dossier AND seq = :seq;

-- name: kit_dossier_delete :exec
-- in: dossier dossier_id
DELETE FROM dossier WHERE id = :dossier;

-- name: kit_checkpoint_set :exec
-- in: root blob
UPDATE log_checkpoint SET root = :root;

-- name: kit_event_forge :exec
-- in: dossier dossier_id, seq i64, body blob, leaf i64
INSERT INTO event (dossier, seq, at_us, type, text, payload, bsalt, leaf)
VALUES (:dossier, :seq, 0, 'matter.noted', :body, CAST('' AS BLOB), CAST('' AS BLOB), :leaf);
