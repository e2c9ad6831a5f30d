-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Rows of a matter beside its events; all of them follow from the events but for contact card,
-- register number, draft, and what was sent once.

-- name: matter_insert :exec
-- in: id dossier_id, kind text, route text, channel i32, lang text, title blob, place blob, identity i32, handle blob, received_day day, entered_us us, owner office_id, first_office office_id, offered office_id, handler officer_id, answers i64, outcome i32, rated i64, solved i32, reopened bool, escalated i64, version i64
INSERT INTO matter (id, kind, route, channel, lang, title, place, identity, handle, received_day,
    entered_us, owner, first_office, offered, handler, answers, outcome, rated, solved, reopened,
    escalated, version)
VALUES (:id, :kind, :route, :channel, :lang, :title, :place, :identity, :handle, :received_day,
    :entered_us, :owner, :first_office, :offered, :handler, :answers, :outcome, :rated, :solved,
    :reopened, :escalated, :version);

-- name: matter_update :exec
-- in: id dossier_id, route text, owner office_id, offered office_id, handler officer_id, answers i64, outcome i32, rated i64, solved i32, reopened bool, escalated i64, version i64
UPDATE matter SET route = :route, owner = :owner, offered = :offered, handler = :handler,
    answers = :answers, outcome = :outcome, rated = :rated, solved = :solved,
    reopened = :reopened, escalated = :escalated, version = :version
WHERE id = :id;

-- name: matter_row :one
-- in: id dossier_id
-- out: kind text, route text, channel i32, lang text, title blob, place blob, identity i32, handle blob, received_day day, entered_us us, owner office_id, first_office office_id, offered office_id, handler officer_id, answers i64, outcome i32, rated i64, solved i32, reopened bool, escalated i64, version i64
SELECT kind, route, channel, lang, title, place, identity, handle, received_day, entered_us, owner,
       first_office, offered, handler, answers, outcome, rated, solved, reopened, escalated, version
FROM matter WHERE id = :id;

-- ---- dues ------------------------------------------------------------------------------------

-- name: matter_due_insert :exec
-- in: dossier dossier_id, n i64, rule text, side i32, state i32, office office_id, start_us us, at_us us, at_day day, fine bool, provisional bool, calendar text, until_day day, extended i64, stood_us us, since_us us
INSERT INTO due (dossier, n, rule, side, state, office, start_us, at_us, at_day, fine, provisional,
    calendar, until_day, extended, stood_us, since_us)
VALUES (:dossier, :n, :rule, :side, :state, :office, :start_us, :at_us, :at_day, :fine,
    :provisional, :calendar, :until_day, :extended, :stood_us, :since_us);

-- name: matter_due_update :exec
-- in: dossier dossier_id, n i64, state i32, office office_id, at_us us, at_day day, provisional bool, calendar text, until_day day, extended i64, stood_us us, since_us us
UPDATE due SET state = :state, office = :office, at_us = :at_us, at_day = :at_day,
    provisional = :provisional, calendar = :calendar, until_day = :until_day,
    extended = :extended, stood_us = :stood_us, since_us = :since_us
WHERE dossier = :dossier AND n = :n;

-- name: matter_due_end :exec
-- in: dossier dossier_id, n i64, state i32, office office_id
UPDATE due SET state = :state, office = :office, until_day = 0, since_us = 0
WHERE dossier = :dossier AND n = :n;

-- name: matter_due_rows :many
-- in: dossier dossier_id
-- out: n i64, rule text, side i32, state i32, office office_id, start_us us, at_us us, at_day day, fine bool, provisional bool, calendar text, until_day day, extended i64, stood_us us, since_us us
SELECT n, rule, side, state, office, start_us, at_us, at_day, fine, provisional, calendar,
       until_day, extended, stood_us, since_us
FROM due WHERE dossier = :dossier ORDER BY n LIMIT 10000;

-- ---- once, out ---------------------------------------------------------------------------------

-- name: matter_sent_find :one
-- in: week day, before day, hash blob
-- out: dossier dossier_id, seq i64
SELECT dossier, seq FROM sent_once WHERE week = :week AND hash = :hash
UNION ALL SELECT dossier, seq FROM sent_once WHERE week = :before AND hash = :hash;

-- name: matter_sent_insert :exec
-- in: week day, hash blob, dossier dossier_id, seq i64
INSERT INTO sent_once (week, hash, dossier, seq) VALUES (:week, :hash, :dossier, :seq);

-- Keys of the weeks before, some at a time.
-- name: matter_sent_forget :exec
-- in: before day, max i64
DELETE FROM sent_once WHERE week < :before AND hash IN
    (SELECT o.hash FROM sent_once o WHERE o.week < :before ORDER BY o.week LIMIT :max);

-- name: matter_outbox_insert :exec
-- in: kind i32, dossier dossier_id, seq i64, office office_id, post i32, officer officer_id, next_us us
INSERT INTO outbox (kind, dossier, seq, office, post, officer, state, tries, next_us)
VALUES (:kind, :dossier, :seq, :office, :post, :officer, 1, 0, :next_us);

-- ---- contact card, register, looks ----------------------------------------------------------------

-- name: matter_card_insert :exec
-- in: matter dossier_id, card blob
INSERT INTO contact_card (matter, card) VALUES (:matter, :card);

-- name: matter_card_get :one
-- in: matter dossier_id
-- out: card blob
SELECT card FROM contact_card WHERE matter = :matter;

-- name: matter_register_taken :many
-- in: office office_id, day day, digits i32
-- out: matter dossier_id
SELECT matter FROM register_number WHERE office = :office AND day = :day AND digits = :digits
LIMIT 1;

-- name: matter_register_insert :exec
-- in: office office_id, day day, digits i32, matter dossier_id
INSERT INTO register_number (office, day, digits, matter) VALUES (:office, :day, :digits, :matter);

-- name: matter_looked_get :many
-- in: dossier dossier_id, officer officer_id
-- out: day day
SELECT day FROM looked WHERE dossier = :dossier AND officer = :officer LIMIT 1;

-- name: matter_looked_put :exec
-- in: dossier dossier_id, officer officer_id, day day
INSERT INTO looked (dossier, officer, day) VALUES (:dossier, :officer, :day)
ON CONFLICT (dossier, officer) DO UPDATE SET day = excluded.day;

-- ---- drafts -----------------------------------------------------------------------------------------

-- name: matter_draft_put :exec
-- in: matter dossier_id, officer officer_id, kind i32, body blob, send_us us
INSERT INTO draft (matter, officer, kind, body, send_us)
VALUES (:matter, :officer, :kind, :body, :send_us)
ON CONFLICT (matter, officer, kind) DO UPDATE SET body = excluded.body, send_us = excluded.send_us;

-- name: matter_draft_delete :count
-- in: matter dossier_id, officer officer_id, kind i32
DELETE FROM draft WHERE matter = :matter AND officer = :officer AND kind = :kind;

-- name: matter_draft_due :many
-- in: now us, max i64
-- out: matter dossier_id, officer officer_id, body blob
SELECT matter, officer, body FROM draft WHERE kind = 2 AND send_us <= :now
ORDER BY send_us LIMIT :max;

-- name: matter_draft_waits :many
-- in: matter dossier_id
-- out: officer officer_id, send_us us
SELECT officer, send_us FROM draft WHERE matter = :matter AND kind = 2 ORDER BY send_us LIMIT 1;

-- ---- rebuild ------------------------------------------------------------------------------------------

-- name: matter_ids :many
-- in: after dossier_id, max i64
-- out: id dossier_id
SELECT id FROM dossier WHERE id > :after AND kind = 1 ORDER BY id LIMIT :max;

-- name: matter_counter_rows :many
-- out: office office_id, state i32, n i64
SELECT office, state, n FROM counter WHERE kind = 1 AND n <> 0 ORDER BY office, state LIMIT 100000;

-- name: matter_bars :many
-- in: dossier dossier_id
-- out: officer officer_id
SELECT officer FROM bar WHERE dossier = :dossier ORDER BY officer LIMIT 100000;

-- How far the log had come: whether something was written meanwhile.
-- name: matter_newest_leaf :one
-- out: leaf i64
SELECT coalesce(max(leaf), 0) AS leaf FROM event;
