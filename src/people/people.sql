-- SPDX-License-Identifier: AGPL-3.0-or-later

-- ---- accounts

-- name: account_by_login :one
-- in: login text
-- out: id officer_id, active bool, passhash text, totp blob, totp_step i64, recovery text
SELECT id, active, passhash, totp, totp_step, recovery FROM officer WHERE login = :login;

-- name: account_get :one
-- in: id officer_id
-- out: id officer_id, login text, name text, lang text, active bool, enrolled bool
SELECT id, login, name, lang, active, passhash <> '' AS enrolled FROM officer WHERE id = :id;

-- name: account_secret :one
-- in: id officer_id
-- out: passhash text, totp blob, totp_step i64, recovery text
SELECT passhash, totp, totp_step, recovery FROM officer WHERE id = :id;

-- name: account_by_invite :one
-- in: hash blob, now us
-- out: id officer_id, login text, name text, lang text
SELECT id, login, name, lang FROM officer
WHERE invite = :hash AND invite_until_us > :now AND active = 1 AND passhash = '' LIMIT 1;

-- name: account_invite :count
-- in: id officer_id, hash blob, until us
UPDATE officer SET invite = :hash, invite_until_us = :until
WHERE id = :id AND active = 1 AND passhash = '';

-- name: account_enrol :count
-- in: id officer_id, passhash text, totp blob, step i64, recovery text, none blob
UPDATE officer SET passhash = :passhash, totp = :totp, totp_step = :step, recovery = :recovery,
                   invite = :none, invite_until_us = 0
WHERE id = :id AND active = 1;

-- name: account_use_step :count
-- in: id officer_id, passhash text, step i64
UPDATE officer SET totp_step = :step
WHERE id = :id AND passhash = :passhash AND totp_step < :step AND active = 1;

-- name: account_use_recovery :count
-- in: id officer_id, passhash text, before text, after text
UPDATE officer SET recovery = :after
WHERE id = :id AND passhash = :passhash AND recovery = :before AND active = 1;

-- name: account_password :exec
-- in: id officer_id, passhash text
UPDATE officer SET passhash = :passhash WHERE id = :id;

-- name: account_lang :exec
-- in: id officer_id, lang text
UPDATE officer SET lang = :lang WHERE id = :id;

-- name: account_close :count
-- in: id officer_id, none blob
UPDATE officer SET active = 0, invite = :none, invite_until_us = 0 WHERE id = :id AND active = 1;

-- name: account_list :many
-- out: id officer_id, login text, name text, active bool, enrolled bool, invited bool
SELECT id, login, name, active, passhash <> '' AS enrolled, invite_until_us > 0 AS invited
FROM officer ORDER BY login LIMIT 5000;

-- name: account_demo :many
-- out: id officer_id, login text, name text, totp blob
SELECT id, login, name, totp FROM officer WHERE active = 1 AND passhash <> '' ORDER BY id LIMIT 50;

-- name: account_admins :many
-- in: post i32, today day
-- out: id officer_id, login text, enrolled bool
SELECT DISTINCT o.id, o.login, o.passhash <> '' AS enrolled
FROM officer o JOIN holds h ON h.officer = o.id
WHERE o.active = 1 AND h.post = :post AND :today BETWEEN h.from_day AND h.to_day
ORDER BY o.id LIMIT 100;

-- ---- accounts that begin anew

-- What waits for a second administrator.
-- name: reset_get :one
-- in: officer officer_id, now us
-- out: by_officer officer_id, until_us us, name text
SELECT r.by_officer, r.until_us, o.name FROM reset_ask r JOIN officer o ON o.id = r.by_officer
WHERE r.officer = :officer AND r.until_us > :now AND r.confirmed_by = 0;

-- Who confirmed, 0 for nobody; no row when the account does not begin anew.
-- name: reset_confirmed :one
-- in: officer officer_id
-- out: confirmed_by officer_id
SELECT confirmed_by FROM reset_ask WHERE officer = :officer;

-- name: reset_put :exec
-- in: officer officer_id, by_officer officer_id, until us
INSERT INTO reset_ask (officer, by_officer, until_us, confirmed_by)
VALUES (:officer, :by_officer, :until, 0)
ON CONFLICT (officer) DO UPDATE SET by_officer = excluded.by_officer, until_us = excluded.until_us,
    confirmed_by = 0;

-- name: reset_confirm :exec
-- in: officer officer_id, by_officer officer_id
UPDATE reset_ask SET confirmed_by = :by_officer WHERE officer = :officer;

-- name: reset_drop :exec
-- in: officer officer_id
DELETE FROM reset_ask WHERE officer = :officer;

-- name: since_put :exec
-- in: officer officer_id, now us
INSERT INTO account_since (officer, since_us) VALUES (:officer, :now)
ON CONFLICT (officer) DO UPDATE SET since_us = excluded.since_us;

-- Of one who holds the post already, today or later, nothing begins.
-- name: since_put_unless_held :exec
-- in: officer officer_id, now us, post i32, today day
INSERT INTO account_since (officer, since_us)
SELECT o.id, :now FROM officer o WHERE o.id = :officer AND NOT EXISTS (
    SELECT 1 FROM holds h WHERE h.officer = o.id AND h.post = :post AND h.delegate_of = 0
        AND h.to_day >= :today)
ON CONFLICT (officer) DO UPDATE SET since_us = excluded.since_us;

-- Administrators of their own right, in use since `before` at the latest.
-- name: reset_may_fill :exec
-- in: officer officer_id, by_officer officer_id, post i32, today day, before us
INSERT INTO reset_may (officer, confirmer)
SELECT DISTINCT w.id, o.id FROM officer w, officer o JOIN holds h ON h.officer = o.id
    JOIN account_since s ON s.officer = o.id
WHERE w.id = :officer AND o.id <> :officer AND o.id <> :by_officer AND o.active = 1
  AND o.passhash <> '' AND h.post = :post AND h.delegate_of = 0 AND s.since_us <= :before
  AND :today BETWEEN h.from_day AND h.to_day;

-- The same of the one who asks.
-- name: reset_may_ask :one
-- in: officer officer_id, post i32, today day, before us
-- out: n i64
SELECT count(*) AS n FROM officer o JOIN holds h ON h.officer = o.id
    JOIN account_since s ON s.officer = o.id
WHERE o.id = :officer AND h.post = :post AND h.delegate_of = 0 AND s.since_us <= :before
  AND :today BETWEEN h.from_day AND h.to_day;

-- Those of them who still can.
-- name: reset_may_list :many
-- in: officer officer_id, post i32, today day
-- out: id officer_id, name text
SELECT DISTINCT o.id, o.name
FROM reset_may m JOIN officer o ON o.id = m.confirmer JOIN holds h ON h.officer = o.id
WHERE m.officer = :officer AND o.active = 1 AND o.passhash <> '' AND h.post = :post
  AND h.delegate_of = 0 AND :today BETWEEN h.from_day AND h.to_day
ORDER BY o.id LIMIT 100;

-- name: reset_may_drop :exec
-- in: officer officer_id
DELETE FROM reset_may WHERE officer = :officer;

-- Not enrolled any more; the step stays, so that no second factor is good twice.
-- name: account_reset :exec
-- in: id officer_id, none blob
UPDATE officer SET passhash = '', totp = :none, recovery = '', invite = :none, invite_until_us = 0
WHERE id = :id AND active = 1;

-- ---- posts

-- name: post_list :many
-- in: officer officer_id, today day
-- out: office office_id, post i32, from_day day, to_day day, delegate_of officer_id, giver text
SELECT h.office, h.post, h.from_day, h.to_day, h.delegate_of, coalesce(g.name, '') AS giver
FROM holds h LEFT JOIN officer g ON g.id = h.delegate_of
WHERE h.officer = :officer AND h.to_day >= :today
ORDER BY h.from_day, h.office, h.post LIMIT 1000;

-- name: post_given :many
-- in: officer officer_id, today day
-- out: office office_id, post i32, from_day day, to_day day, login text, name text
SELECT h.office, h.post, h.from_day, h.to_day, o.login, o.name
FROM holds h JOIN officer o ON o.id = h.officer
WHERE h.delegate_of = :officer AND h.to_day >= :today
ORDER BY h.from_day, h.office, h.post, h.officer LIMIT 1000;

-- name: post_find :one
-- in: officer officer_id, office office_id, post i32, from_day day
-- out: to_day day, delegate_of officer_id
SELECT to_day, delegate_of FROM holds
WHERE officer = :officer AND office = :office AND post = :post AND from_day = :from_day;

-- name: post_cut :exec
-- in: officer officer_id, office office_id, post i32, from_day day, last day
UPDATE holds SET to_day = :last
WHERE officer = :officer AND office = :office AND post = :post AND from_day = :from_day
  AND to_day > :last;

-- A span that begins today or later was never held.
-- name: post_drop :exec
-- in: officer officer_id, office office_id, post i32, from_day day
DELETE FROM holds
WHERE officer = :officer AND office = :office AND post = :post AND from_day = :from_day;

-- Who stands in for a post that ends, ends with it.
-- name: post_cut_lent :exec
-- in: giver officer_id, office office_id, post i32, last day
UPDATE holds SET to_day = :last
WHERE delegate_of = :giver AND office = :office AND post = :post AND to_day > :last
  AND from_day <= :last;

-- name: post_drop_lent :exec
-- in: giver officer_id, office office_id, post i32, last day
DELETE FROM holds
WHERE delegate_of = :giver AND office = :office AND post = :post AND from_day > :last;

-- ---- who leads whom

-- name: lead_list :many
-- in: officer officer_id
-- out: login text, name text
SELECT o.login, o.name FROM supervises s JOIN officer o ON o.id = s.subordinate
WHERE s.officer = :officer ORDER BY s.subordinate LIMIT 5000;

-- name: lead_above :many
-- in: officer officer_id
-- out: login text, name text
SELECT o.login, o.name FROM supervises s JOIN officer o ON o.id = s.officer
WHERE s.subordinate = :officer ORDER BY s.officer LIMIT 5000;

-- ---- sessions

-- name: officer_session_get :one
-- in: hash blob, idle_after us, made_after us
-- out: officer officer_id, seen_us us, signed_us us, name text, lang text
SELECT s.officer, s.seen_us, s.signed_us, o.name, o.lang
FROM officer_session s JOIN officer o ON o.id = s.officer
WHERE s.hash = :hash AND s.seen_us > :idle_after AND s.made_us > :made_after AND o.active = 1;

-- name: officer_session_put :exec
-- in: hash blob, officer officer_id, now us
INSERT INTO officer_session (hash, officer, made_us, seen_us, signed_us)
VALUES (:hash, :officer, :now, :now, :now);

-- name: officer_session_seen :exec
-- in: hash blob, now us
UPDATE officer_session SET seen_us = :now WHERE hash = :hash AND seen_us < :now;

-- name: officer_session_delete :exec
-- in: hash blob
DELETE FROM officer_session WHERE hash = :hash;

-- name: officer_session_delete_all :exec
-- in: officer officer_id
DELETE FROM officer_session WHERE officer = :officer;

-- name: officer_session_delete_others :exec
-- in: officer officer_id, hash blob
DELETE FROM officer_session WHERE officer = :officer AND hash <> :hash;

-- name: officer_session_sweep :count
-- in: idle_after us
DELETE FROM officer_session WHERE hash IN (
    SELECT hash FROM officer_session WHERE seen_us <= :idle_after ORDER BY seen_us LIMIT 500);

-- ---- tokens

-- name: token_get :one
-- in: hash blob, today day
-- out: id token_id, officer officer_id, name text, lang text
SELECT t.id, t.officer, o.name, o.lang FROM token t JOIN officer o ON o.id = t.officer
WHERE t.hash = :hash AND t.active = 1 AND t.until_day >= :today AND o.active = 1;

-- name: token_next_id :one
-- out: id i64
SELECT coalesce(max(id), 0) + 1 AS id FROM token;

-- name: token_put :exec
-- in: id token_id, officer officer_id, hash blob, label text, made_day day, until_day day
INSERT INTO token (id, officer, hash, label, made_day, until_day, active)
VALUES (:id, :officer, :hash, :label, :made_day, :until_day, 1);

-- name: token_list :many
-- in: officer officer_id, today day
-- out: id token_id, label text, made_day day, until_day day
SELECT id, label, made_day, until_day FROM token
WHERE officer = :officer AND active = 1 AND until_day >= :today ORDER BY id LIMIT 100;

-- name: token_revoke :count
-- in: id token_id, officer officer_id
UPDATE token SET active = 0 WHERE id = :id AND officer = :officer AND active = 1;

-- name: token_revoke_all :exec
-- in: officer officer_id
UPDATE token SET active = 0 WHERE officer = :officer AND active = 1;
