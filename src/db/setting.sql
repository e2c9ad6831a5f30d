-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: setting_get :one
-- in: name text
-- out: value text, changed_us us
SELECT s.value, s.changed_us FROM setting s WHERE s.name = :name;

-- name: setting_put :exec
-- in: name text, value text, now us
INSERT INTO setting (name, value, changed_us) VALUES (:name, :value, :now)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_us = excluded.changed_us;

-- In the order of their names.
-- name: setting_list :many
-- bounded: there is one row a setting of the program
-- out: name text, value text, changed_us us
SELECT s.name, s.value, s.changed_us FROM setting s ORDER BY s.name;

-- name: meta_get :one
-- in: name text
-- out: value text
SELECT m.value FROM meta m WHERE m.name = :name;

-- name: meta_put :exec
-- in: name text, value text
INSERT INTO meta (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
