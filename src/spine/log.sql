-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: log_state_row :one
-- out: size i64, newest_us us, system_seq i64, system_tail blob
SELECT s.size, s.newest_us, s.system_seq, s.system_tail FROM log_state s WHERE s.id = 1;

-- name: log_state_put :exec
-- in: size i64, newest us, system_seq i64, system_tail blob
INSERT INTO log_state (id, size, newest_us, system_seq, system_tail)
VALUES (1, :size, :newest, :system_seq, :system_tail)
ON CONFLICT (id) DO UPDATE SET size = excluded.size, newest_us = excluded.newest_us,
    system_seq = excluded.system_seq, system_tail = excluded.system_tail;

-- What the rows say, to hold against log_state.
-- name: log_rows :one
-- out: entries i64, hashes i64
SELECT coalesce((SELECT max(e.idx) FROM log_entry e), -1) + 1 AS entries,
       coalesce((SELECT max(h.pos) FROM log_hash h), -1) + 1 AS hashes;

-- name: log_hash_row :one
-- in: pos i64
-- out: h blob
SELECT l.h FROM log_hash l WHERE l.pos = :pos;

-- name: log_hash_put :exec
-- in: pos i64, h blob
INSERT INTO log_hash (pos, h) VALUES (:pos, :h);

-- name: log_hash_put_eight :exec
-- in: pos i64, h0 blob, h1 blob, h2 blob, h3 blob, h4 blob, h5 blob, h6 blob, h7 blob
INSERT INTO log_hash (pos, h)
VALUES (:pos, :h0), (:pos + 1, :h1), (:pos + 2, :h2), (:pos + 3, :h3),
       (:pos + 4, :h4), (:pos + 5, :h5), (:pos + 6, :h6), (:pos + 7, :h7);

-- name: log_entry_put :exec
-- in: idx i64, entry blob
INSERT INTO log_entry (idx, entry) VALUES (:idx, :entry);

-- name: log_entry_put_eight :exec
-- in: idx i64, e0 blob, e1 blob, e2 blob, e3 blob, e4 blob, e5 blob, e6 blob, e7 blob
INSERT INTO log_entry (idx, entry)
VALUES (:idx, :e0), (:idx + 1, :e1), (:idx + 2, :e2), (:idx + 3, :e3),
       (:idx + 4, :e4), (:idx + 5, :e5), (:idx + 6, :e6), (:idx + 7, :e7);

-- name: log_pad_put :exec
-- in: first i64, last i64
INSERT INTO log_pad (first, last) VALUES (:first, :last);

-- name: log_pad_newest :one
-- out: last i64
SELECT coalesce(max(p.last), -1) AS last FROM log_pad p;

-- name: log_checkpoint_put :exec
-- in: size i64, root blob, sig blob, made us, public bool
INSERT INTO log_checkpoint (size, root, sig, made_us, public)
VALUES (:size, :root, :sig, :made, :public)
ON CONFLICT (size) DO UPDATE SET public = excluded.public;

-- name: log_checkpoint_newest :one
-- out: size i64, root blob, sig blob, made_us us
SELECT c.size, c.root, c.sig, c.made_us FROM log_checkpoint c ORDER BY c.size DESC LIMIT 1;

-- name: log_checkpoint_public :one
-- out: size i64, root blob, sig blob, made_us us
SELECT c.size, c.root, c.sig, c.made_us FROM log_checkpoint c WHERE c.public = 1
ORDER BY c.size DESC LIMIT 1;
