-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: event_insert :exec
-- in: dossier dossier_id, seq i64, at us, type text, body blob, payload blob, bsalt blob, leaf i64
INSERT INTO event (dossier, seq, at_us, type, text, payload, bsalt, leaf)
VALUES (:dossier, :seq, :at, :type, :body, :payload, :bsalt, :leaf);

-- name: event_range :many
-- in: dossier dossier_id, after i64, most i64
-- out: seq i64, at_us us, text blob, payload blob, bsalt blob, leaf i64
SELECT e.seq, e.at_us, e.text, e.payload, e.bsalt, e.leaf FROM event e
WHERE e.dossier = :dossier AND e.seq > :after ORDER BY e.seq LIMIT :most;

-- name: event_range_officer :many
-- as: officer
-- in: dossier dossier_id, after i64, most i64
-- out: seq i64, at_us us, text blob, payload blob, leaf i64
SELECT e.seq, e.at_us, e.text, e.payload, e.leaf FROM v_event e
WHERE e.dossier = :dossier AND e.seq > :after ORDER BY e.seq LIMIT :most;
