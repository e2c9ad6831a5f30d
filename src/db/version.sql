-- SPDX-License-Identifier: AGPL-3.0-or-later
-- store: any

-- name: schema_version_get :one
-- out: version i64, digest text
SELECT s.version, s.digest FROM schema_version s WHERE s.id = 1;

-- name: schema_version_put :exec
-- in: version i64, digest text
INSERT INTO schema_version (id, version, digest) VALUES (1, :version, :digest)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, digest = excluded.digest;
