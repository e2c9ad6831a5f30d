-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Everybody who held a post in the office, or in one below it, on or after a day.
-- name: holds_within_since :many
-- in: office office_id, since day
-- out: officer officer_id
WITH RECURSIVE below (id) AS (
    SELECT id FROM office WHERE id = :office
    UNION SELECT o.id FROM office o JOIN below b ON o.parent = b.id)
SELECT DISTINCT h.officer FROM holds h JOIN below b ON b.id = h.office
WHERE h.to_day >= :since ORDER BY h.officer LIMIT 100000;

-- Everybody who reports to an officer at any depth: by the table of superiors, or because an officer
-- leads the office they hold a post in, or one above it, on or after a day. Both ways mix; it does
-- not go on through somebody who stands above that officer as well, as who leads the town and helps
-- out at a counter does.
-- name: subordinates_since :many
-- in: officer officer_id, since day, lead i32
-- out: officer officer_id
WITH RECURSIVE up (is_office, id) AS (
    SELECT 0, id FROM officer WHERE id = :officer
    UNION SELECT r.above_is_office, r.above FROM reporting_line r
    JOIN up u ON r.below_is_office = u.is_office AND r.below = u.id
    WHERE r.to_day >= :since AND r.post IN (0, :lead)),
down (is_office, id) AS (
    SELECT 0, id FROM officer WHERE id = :officer
    UNION SELECT r.below_is_office, r.below FROM reporting_line r
    JOIN down d ON r.above_is_office = d.is_office AND r.above = d.id
    WHERE r.to_day >= :since AND r.post IN (0, :lead)
      AND (d.is_office = 1 OR d.id = :officer OR NOT EXISTS (
          SELECT 1 FROM up u WHERE u.is_office = 0 AND u.id = d.id)))
SELECT id AS officer FROM down WHERE is_office = 0 AND id <> :officer LIMIT 100000;

-- name: recused_about :many
-- in: about_officer officer_id, about_office office_id
-- out: officer officer_id
SELECT DISTINCT officer FROM recusal
WHERE (about_officer = :about_officer AND about_officer <> 0)
   OR (about_office = :about_office AND about_office <> 0)
ORDER BY officer LIMIT 100000;

-- An officer joins an office: barred from whatever is about it or an office above it.
-- name: bar_new_member :exec
-- in: officer officer_id, office office_id, why i32
WITH RECURSIVE up (id, parent) AS (
    SELECT id, parent FROM office WHERE id = :office
    UNION SELECT o.id, o.parent FROM office o JOIN up u ON o.id = u.parent)
INSERT INTO bar (dossier, officer, why)
SELECT s.dossier, :officer, :why FROM subject s JOIN up u ON s.ref = u.id WHERE s.kind = 2
ON CONFLICT (dossier, officer) DO NOTHING;

-- The same where the person said "not this office".
-- name: bar_new_member_excluded :exec
-- in: officer officer_id, office office_id, why i32
WITH RECURSIVE up (id, parent) AS (
    SELECT id, parent FROM office WHERE id = :office
    UNION SELECT o.id, o.parent FROM office o JOIN up u ON o.id = u.parent)
INSERT INTO bar (dossier, officer, why)
SELECT e.dossier, :officer, :why FROM excluded e JOIN up u ON e.office = u.id WHERE e.office <> 0
ON CONFLICT (dossier, officer) DO NOTHING;

-- The officer and everybody above, as far as something is about them.
-- name: subjects_from :many
-- in: officer officer_id, since day, lead i32
-- out: officer officer_id
WITH RECURSIVE up (is_office, id) AS (
    SELECT 0, id FROM officer WHERE id = :officer
    UNION SELECT r.above_is_office, r.above FROM reporting_line r
    JOIN up u ON r.below_is_office = u.is_office AND r.below = u.id
    WHERE r.to_day >= :since AND r.post IN (0, :lead))
SELECT u.id AS officer FROM up u
WHERE u.is_office = 0 AND EXISTS (SELECT 1 FROM subject s WHERE s.kind = 1 AND s.ref = u.id)
LIMIT 100000;

-- Barred from whatever is about that officer.
-- name: bar_about_officer :exec
-- in: about officer_id, officer officer_id, why i32
INSERT INTO bar (dossier, officer, why)
SELECT s.dossier, :officer, :why FROM subject s WHERE s.kind = 1 AND s.ref = :about
ON CONFLICT (dossier, officer) DO NOTHING;

-- name: subject_insert :exec
-- in: dossier dossier_id, kind i32, ref i64, source i32
INSERT INTO subject (dossier, kind, ref, source) VALUES (:dossier, :kind, :ref, :source)
ON CONFLICT (dossier, kind, ref) DO NOTHING;

-- name: subject_of :many
-- in: dossier dossier_id
-- out: kind i32, ref i64, source i32
SELECT kind, ref, source FROM subject WHERE dossier = :dossier ORDER BY kind, ref LIMIT 1000;

-- name: excluded_insert :exec
-- in: dossier dossier_id, officer officer_id, office office_id
INSERT INTO excluded (dossier, officer, office) VALUES (:dossier, :officer, :office)
ON CONFLICT (dossier, officer, office) DO NOTHING;

-- name: excluded_of :many
-- in: dossier dossier_id
-- out: officer officer_id, office office_id
SELECT officer, office FROM excluded WHERE dossier = :dossier ORDER BY officer, office LIMIT 1000;

-- name: bar_insert :exec
-- in: dossier dossier_id, officer officer_id, why i32
INSERT INTO bar (dossier, officer, why) VALUES (:dossier, :officer, :why)
ON CONFLICT (dossier, officer) DO NOTHING;

-- name: bar_of :many
-- in: dossier dossier_id
-- out: officer officer_id, why i32
SELECT officer, why FROM bar WHERE dossier = :dossier ORDER BY officer LIMIT 100000;

-- name: is_barred :one
-- in: dossier dossier_id, officer officer_id
-- out: why i32
SELECT why FROM bar WHERE dossier = :dossier AND officer = :officer;

-- name: grant_next_n :one
-- in: dossier dossier_id
-- out: n i64
SELECT coalesce(max(n), 0) + 1 AS n FROM grant_ WHERE dossier = :dossier;

-- name: grant_insert :exec
-- in: dossier dossier_id, n i64, office office_id, post i32, officer officer_id, verbs i64, from_us us
INSERT INTO grant_ (dossier, n, office, post, officer, verbs, from_us, to_us)
VALUES (:dossier, :n, :office, :post, :officer, :verbs, :from_us, 0);

-- name: grant_close :exec
-- in: dossier dossier_id, office office_id, to_us us
UPDATE grant_ SET to_us = :to_us WHERE dossier = :dossier AND office = :office AND to_us = 0;

-- name: grant_close_post :exec
-- in: dossier dossier_id, office office_id, post i32, to_us us
UPDATE grant_ SET to_us = :to_us
WHERE dossier = :dossier AND office = :office AND post = :post AND to_us = 0;

-- name: grant_held :many
-- in: dossier dossier_id, officer officer_id, day day
-- out: verbs i64
SELECT g.verbs FROM grant_ g
JOIN holds h ON h.office = g.office AND h.post = g.post
JOIN officer o ON o.id = h.officer
WHERE g.dossier = :dossier AND g.to_us = 0 AND h.officer = :officer
  AND (g.officer = 0 OR g.officer = h.officer) AND :day BETWEEN h.from_day AND h.to_day
  AND o.active = 1
LIMIT 1000;

-- The same rule as can(), asked of the view that lists go through.
-- name: dossier_seen :one
-- as: officer
-- in: id dossier_id
-- out: kind i32
SELECT v.kind FROM v_dossier v WHERE v.id = :id;
