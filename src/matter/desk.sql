-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Lists of the desk. A matter with two running dues stands twice; desk.c shows the first.

-- What an office owes (due_state 1) or has missed and not yet made good (4), next or longest first,
-- after (at_day, dossier, n). What the index due_queue says of itself stands here word for word, so
-- that both lists are a walk along it; written as `IN` SQLite would sort. `+ 0` keeps it from
-- holding the value against the partial indexes, after which it compiles the statement anew each
-- time.
-- name: desk_queue :many
-- as: officer
-- in: office office_id, due_state i32, handler officer_id, unassigned bool, kind text, state i32, channel i32, at_place bool, place blob, from_day day, to_day day, until day, after_day day, after dossier_id, after_n i64
-- out: dossier dossier_id, n i64, rule text, at_us us, at_day day, fine bool, provisional bool, kind text, title blob, channel i32, handler officer_id, received_day day, reopened bool, state i32, content i32
SELECT q.dossier, q.n, q.rule, q.at_us, q.at_day, q.fine, q.provisional, q.kind, q.title, q.channel,
       q.handler, q.received_day, q.reopened, q.state, q.content
FROM v_queue q
WHERE q.office = :office AND q.side = 1 AND q.due_state <> 2 AND q.due_state <> 3
  AND q.due_state <> 5 AND q.due_state = :due_state + 0
  AND q.at_day <= :until
  AND (q.at_day > :after_day OR (q.at_day = :after_day AND (q.dossier > :after
       OR (q.dossier = :after AND q.n > :after_n))))
  AND (:handler = 0 OR q.handler = :handler)
  AND (:unassigned = 0 OR q.handler = 0)
  AND (:kind = '' OR q.kind = :kind)
  AND (:state = 0 OR q.state = :state)
  AND (:channel = 0 OR q.channel = :channel)
  AND (:at_place = 0 OR q.place = :place)
  AND (:from_day = 0 OR q.received_day >= :from_day)
  AND (:to_day = 0 OR q.received_day <= :to_day)
ORDER BY q.at_day, q.dossier, q.n LIMIT 60;

-- name: desk_matter :one
-- as: officer
-- in: id dossier_id
-- out: kind text, route text, channel i32, lang text, title blob, place blob, identity i32, received_day day, entered_us us, owner office_id, first_office office_id, offered office_id, handler officer_id, answers i64, outcome i32, rated i64, solved i32, reopened bool, escalated i64, state i32, office office_id, seq i64
SELECT m.kind, m.route, m.channel, m.lang, m.title, m.place, m.identity, m.received_day,
       m.entered_us, m.owner, m.first_office, m.offered, m.handler, m.answers, m.outcome, m.rated,
       m.solved, m.reopened, m.escalated, m.state, m.office, m.seq
FROM v_matter m WHERE m.id = :id;

-- name: desk_dues :many
-- as: officer
-- in: id dossier_id
-- out: n i64, rule text, side i32, state i32, office office_id, start_us us, at_us us, at_day day, fine bool, provisional bool, until_day day, extended i64
SELECT u.n, u.rule, u.side, u.state, u.office, u.start_us, u.at_us, u.at_day, u.fine, u.provisional,
       u.until_day, u.extended
FROM v_due u WHERE u.dossier = :id ORDER BY u.n LIMIT 200;

-- Officers of an office, for assigning: those barred from the matter are not offered.
-- name: desk_assignable :many
-- in: office office_id, dossier dossier_id, day day
-- out: login text, name text
SELECT DISTINCT o.login, o.name FROM officer o JOIN holds h ON h.officer = o.id
WHERE h.office = :office AND :day BETWEEN h.from_day AND h.to_day AND o.active = 1
  AND h.post IN (2, 3)
  AND NOT EXISTS (SELECT 1 FROM bar b WHERE b.dossier = :dossier AND b.officer = o.id)
ORDER BY o.name, o.login LIMIT 500;

-- name: officer_name :one
-- in: id officer_id
-- out: name text
SELECT o.name FROM officer o WHERE o.id = :id;

-- Counts of an office by state, and what the reader himself is barred from there.
-- name: desk_counts :many
-- in: office office_id
-- out: state i32, n i64
SELECT c.state, c.n FROM counter c WHERE c.office = :office AND c.kind = 1
ORDER BY c.state LIMIT 100;

-- name: desk_counts_barred :many
-- in: office office_id, officer officer_id
-- out: state i32, n i64
SELECT d.state, count(*) AS n FROM bar b JOIN dossier d ON d.id = b.dossier
WHERE b.officer = :officer AND d.office = :office AND d.kind = 1
GROUP BY d.state ORDER BY d.state LIMIT 100;

-- name: desk_officer_by_login :one
-- in: login text
-- out: id officer_id
SELECT o.id FROM officer o WHERE o.login = :login AND o.active = 1;

-- name: desk_register_number :one
-- as: officer
-- in: id dossier_id
-- out: day day, digits i64
SELECT r.day, r.digits FROM v_register r WHERE r.matter = :id ORDER BY r.day LIMIT 1;
