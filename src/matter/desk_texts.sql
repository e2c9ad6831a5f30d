-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: text_list :many
-- in: office office_id
-- out: name text, lang text, text text
SELECT t.name, t.lang, t.text FROM text_module t WHERE t.office = :office
ORDER BY t.name, t.lang LIMIT 60;

-- name: text_put :exec
-- in: office office_id, name text, lang text, text text
INSERT INTO text_module (office, name, lang, text) VALUES (:office, :name, :lang, :text)
ON CONFLICT (office, name, lang) DO UPDATE SET text = excluded.text;

-- name: text_drop :count
-- in: office office_id, name text, lang text
DELETE FROM text_module WHERE office = :office AND name = :name AND lang = :lang;
