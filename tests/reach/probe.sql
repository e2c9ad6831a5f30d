-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What an import left behind.

-- name: import_probe :one
-- out: matters i64, outbox i64, dues i64, missed i64, ended_dues i64
SELECT (SELECT count(*) FROM matter) AS matters,
       (SELECT count(*) FROM outbox) AS outbox,
       (SELECT count(*) FROM due) AS dues,
       (SELECT count(*) FROM due WHERE state = 4) AS missed,
       (SELECT count(*) FROM due u JOIN dossier d ON d.id = u.dossier WHERE d.state = 10)
           AS ended_dues;
