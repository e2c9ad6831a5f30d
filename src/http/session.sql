-- SPDX-License-Identifier: AGPL-3.0-or-later

-- name: person_session_get :one
-- in: hash blob, now us
-- out: sealed blob, until_us us
SELECT sealed, until_us FROM person_session WHERE hash = :hash AND until_us > :now;

-- name: person_session_put :exec
-- in: hash blob, sealed blob, until us
INSERT INTO person_session (hash, sealed, until_us) VALUES (:hash, :sealed, :until)
ON CONFLICT (hash) DO UPDATE SET sealed = excluded.sealed, until_us = excluded.until_us;

-- name: person_session_touch :exec
-- in: hash blob, until us
UPDATE person_session SET until_us = :until WHERE hash = :hash;

-- name: person_session_delete :exec
-- in: hash blob
DELETE FROM person_session WHERE hash = :hash;

-- name: person_session_sweep :count
-- in: now us
DELETE FROM person_session WHERE hash IN (
    SELECT hash FROM person_session WHERE until_us <= :now ORDER BY until_us LIMIT 500);
