-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Filters an officer keeps. They are read and written for that officer alone.

-- name: filter_list :many
-- in: officer officer_id
-- out: n i64, title text, office office_id, whose i32, kind text, state i32, channel i32, place text, soon bool, from_day day, to_day day
SELECT f.n, f.title, f.office, f.whose, f.kind, f.state, f.channel, f.place, f.soon, f.from_day,
       f.to_day
FROM filter_kept f WHERE f.officer = :officer ORDER BY f.n LIMIT 21;

-- name: filter_put :exec
-- in: officer officer_id, n i64, title text, office office_id, whose i32, kind text, state i32, channel i32, place text, soon bool, from_day day, to_day day
INSERT INTO filter_kept (officer, n, title, office, whose, kind, state, channel, place, soon,
                         from_day, to_day)
VALUES (:officer, :n, :title, :office, :whose, :kind, :state, :channel, :place, :soon, :from_day,
        :to_day)
ON CONFLICT (officer, n) DO UPDATE SET title = excluded.title, office = excluded.office,
    whose = excluded.whose, kind = excluded.kind, state = excluded.state,
    channel = excluded.channel, place = excluded.place, soon = excluded.soon,
    from_day = excluded.from_day, to_day = excluded.to_day;

-- name: filter_drop :exec
-- in: officer officer_id, n i64
DELETE FROM filter_kept WHERE officer = :officer AND n = :n;
