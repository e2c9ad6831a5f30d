-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The whole log in pieces: [from, upto) by index.

-- name: audit_entries :many
-- bounded: a piece of the caller's length
-- in: from i64, upto i64
-- out: idx i64, entry blob
SELECT e.idx, e.entry FROM log_entry e WHERE e.idx >= :from AND e.idx < :upto ORDER BY e.idx;

-- name: audit_hashes :many
-- bounded: twice a piece of the caller's length
-- in: from i64, upto i64
-- out: pos i64, h blob
SELECT l.pos, l.h FROM log_hash l WHERE l.pos >= :from AND l.pos < :upto ORDER BY l.pos;

-- An event with what is needed to check it: its dossier's key and the entry of the one before.
-- name: audit_events :many
-- bounded: a piece of the caller's length
-- in: from i64, upto i64
-- out: dossier dossier_id, seq i64, type text, text blob, payload blob, bsalt blob, leaf i64, content i32, mlk blob?, prev_leaf i64, prev_entry blob?
SELECT e.dossier, e.seq, e.type, e.text, e.payload, e.bsalt, e.leaf,
       coalesce(d.content, 0) AS content, d.mlk, coalesce(p.leaf, -1) AS prev_leaf,
       l.entry AS prev_entry
FROM event e
LEFT JOIN dossier d ON d.id = e.dossier
LEFT JOIN event p ON p.dossier = e.dossier AND p.seq = e.seq - 1
LEFT JOIN log_entry l ON l.idx = p.leaf
WHERE e.leaf >= :from AND e.leaf < :upto ORDER BY e.leaf;

-- name: audit_pad :many
-- bounded: spans that touch a piece of the caller's length
-- in: from i64, upto i64
-- out: first i64, last i64
SELECT p.first, p.last FROM log_pad p WHERE p.last >= :from AND p.first < :upto ORDER BY p.first;

-- name: audit_shred :many
-- bounded: spans that touch a piece of the caller's length
-- in: from i64, upto i64
-- out: first i64, last i64
SELECT s.first, s.last FROM log_shred s WHERE s.last >= :from AND s.first < :upto
ORDER BY s.first;

-- name: audit_checkpoints :many
-- bounded: one a second of a piece of the caller's length
-- in: from i64, upto i64
-- out: size i64, root blob, sig blob
SELECT c.size, c.root, c.sig FROM log_checkpoint c WHERE c.size > :from AND c.size <= :upto
ORDER BY c.size;

-- name: audit_dossiers :many
-- in: after dossier_id, size i64
-- out: id dossier_id, seq i64, tail blob, n i64, newest i64, tail_entry blob?, last_leaf i64
SELECT d.id, d.seq, d.tail, (SELECT count(*) FROM event e WHERE e.dossier = d.id) AS n,
       coalesce(t.seq, 0) AS newest, l.entry AS tail_entry, coalesce(t.leaf, -1) AS last_leaf
FROM dossier d
LEFT JOIN event t ON t.dossier = d.id
    AND t.seq = (SELECT max(m.seq) FROM event m WHERE m.dossier = d.id)
LEFT JOIN log_entry l ON l.idx = t.leaf
WHERE d.id > :after AND coalesce(t.leaf, -1) < :size ORDER BY d.id LIMIT 500;

-- name: audit_system :one
-- out: n i64, newest i64
SELECT count(*) AS n, coalesce(max(e.seq), 0) AS newest FROM event e WHERE e.dossier = 0;

-- An event that names an index the log does not have would be passed over by index.
-- name: audit_beyond :one
-- out: leaf i64, entries i64
SELECT coalesce((SELECT max(e.leaf) FROM event e), -1) AS leaf,
       coalesce((SELECT max(l.idx) FROM log_entry l), -1) + 1 AS entries;
