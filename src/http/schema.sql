-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A person's session and half-filled form: sealed under a key that only the cookie holds, so the
-- row tells nobody whose it is, which matter it belongs to, or what was typed. It lives two hours.
CREATE TABLE person_session (
    hash     BLOB PRIMARY KEY,         -- SHA-256 of the cookie
    sealed   BLOB NOT NULL,
    until_us US NOT NULL
) WITHOUT_ROWID;
CREATE INDEX person_session_until ON person_session (until_us);
