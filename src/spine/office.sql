-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: office_all :many
-- out: id office_id, parent office_id, code text, name_en text, name_zh text, place text, outside bool, active bool, address text, phone text, hours_en text, hours_zh text
SELECT id, parent, code, name_en, name_zh, place, outside, active, address, phone, hours_en,
       hours_zh
FROM office ORDER BY id LIMIT 100000;

-- name: remit_all :many
-- out: office office_id, kind text, place text
SELECT office, kind, place FROM remit ORDER BY office, kind, place LIMIT 1000000;

-- name: office_next_id :one
-- out: id i64
SELECT coalesce(max(id), 0) + 1 AS id FROM office;

-- name: office_insert :exec
-- in: id office_id, parent office_id, code text, name_en text, name_zh text, place text, outside bool, address text, phone text, hours_en text, hours_zh text
INSERT INTO office (id, parent, code, name_en, name_zh, place, outside, active, address, phone,
                    hours_en, hours_zh)
VALUES (:id, :parent, :code, :name_en, :name_zh, :place, :outside, 1, :address, :phone, :hours_en,
        :hours_zh);

-- name: office_by_code :one
-- in: code text
-- out: id office_id
SELECT id FROM office WHERE code = :code;

-- name: remit_insert :exec
-- in: office office_id, kind text, place text
INSERT INTO remit (office, kind, place) VALUES (:office, :kind, :place)
ON CONFLICT (office, kind, place) DO NOTHING;

-- name: remit_delete :count
-- in: office office_id, kind text, place text
DELETE FROM remit WHERE office = :office AND kind = :kind AND place = :place;

-- Does another office of the house, in use, answer for everything?
-- name: remit_all_elsewhere :one
-- in: office office_id
-- out: n i64
SELECT count(*) AS n FROM remit r JOIN office o ON o.id = r.office
WHERE r.kind = '' AND r.place = '' AND r.office <> :office AND o.active = 1 AND o.outside = 0;

-- name: remit_has :one
-- in: office office_id, kind text, place text
-- out: n i64
SELECT count(*) AS n FROM remit WHERE office = :office AND kind = :kind AND place = :place;

-- name: office_row :one
-- in: id office_id
-- out: parent office_id, outside bool, active bool
SELECT parent, outside, active FROM office WHERE id = :id;

-- name: office_top :one
-- out: id office_id
SELECT id FROM office WHERE parent = 0 AND outside = 0 ORDER BY id LIMIT 1;

-- name: office_outside_elsewhere :one
-- in: id office_id
-- out: n i64
SELECT count(*) AS n FROM office WHERE outside = 1 AND active = 1 AND id <> :id;

-- name: office_update :exec
-- in: id office_id, name_en text, name_zh text, place text, active bool, address text, phone text, hours_en text, hours_zh text
UPDATE office SET name_en = :name_en, name_zh = :name_zh, place = :place, active = :active,
                  address = :address, phone = :phone, hours_en = :hours_en, hours_zh = :hours_zh
WHERE id = :id;

-- name: office_dues :one
-- in: office office_id
-- out: n i64
SELECT count(*) AS n FROM (
    SELECT dossier FROM due WHERE office = :office AND side = 1 AND state = 1
    UNION SELECT dossier FROM due WHERE office = :office AND side = 1 AND state = 2
    UNION SELECT dossier FROM due WHERE office = :office AND side = 1 AND state = 4) owed;

-- name: officer_next_id :one
-- out: id i64
SELECT coalesce(max(id), 0) + 1 AS id FROM officer;

-- name: officer_insert :exec
-- in: id officer_id, login text, name text, lang text, none blob, created_day day
INSERT INTO officer (id, login, name, lang, active, passhash, totp, totp_step, recovery, invite,
                     invite_until_us, created_day)
VALUES (:id, :login, :name, :lang, 1, '', :none, 0, '', :none, 0, :created_day);

-- name: officer_by_login :one
-- in: login text
-- out: id officer_id
SELECT id FROM officer WHERE login = :login;

-- name: officer_is_active :one
-- in: id officer_id
-- out: active bool
SELECT active FROM officer WHERE id = :id;

-- name: holds_insert :exec
-- in: officer officer_id, office office_id, post i32, from_day day, to_day day, delegate_of officer_id
INSERT INTO holds (officer, office, post, from_day, to_day, delegate_of)
VALUES (:officer, :office, :post, :from_day, :to_day, :delegate_of)
ON CONFLICT (officer, office, post, from_day)
DO UPDATE SET to_day = excluded.to_day, delegate_of = excluded.delegate_of;

-- name: holds_spanning :one
-- in: officer officer_id, office office_id, post i32, from_day day, to_day day
-- out: n i64
SELECT count(*) AS n FROM holds
WHERE officer = :officer AND office = :office AND post = :post AND delegate_of = 0
  AND from_day <= :from_day AND to_day >= :to_day;

-- name: holds_on :many
-- in: officer officer_id, day day
-- out: office office_id, post i32
SELECT office, post FROM holds
WHERE officer = :officer AND :day BETWEEN from_day AND to_day ORDER BY office, post LIMIT 1000;

-- name: office_officers :many
-- in: office office_id, day day, max i64
-- out: officer officer_id
SELECT DISTINCT h.officer FROM holds h JOIN officer o ON o.id = h.officer
WHERE h.office = :office AND :day BETWEEN h.from_day AND h.to_day AND o.active = 1
ORDER BY h.officer LIMIT :max;

-- ---- who is led by whom

-- name: supervises_has :one
-- in: officer officer_id, subordinate officer_id
-- out: n i64
SELECT count(*) AS n FROM supervises WHERE officer = :officer AND subordinate = :subordinate;

-- Is `officer` led by `subordinate`, at any depth?
-- name: supervises_turns :one
-- in: officer officer_id, subordinate officer_id
-- out: n i64
WITH RECURSIVE under (id) AS (
    SELECT subordinate FROM supervises WHERE officer = :subordinate
    UNION SELECT s.subordinate FROM supervises s JOIN under u ON s.officer = u.id)
SELECT count(*) AS n FROM under WHERE id = :officer;

-- name: supervises_insert :exec
-- in: officer officer_id, subordinate officer_id
INSERT INTO supervises (officer, subordinate) VALUES (:officer, :subordinate);

-- name: supervises_delete :count
-- in: officer officer_id, subordinate officer_id
DELETE FROM supervises WHERE officer = :officer AND subordinate = :subordinate;
