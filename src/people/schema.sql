-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A browser an officer is signed in with. Only the hash of its cookie; no address, no agent.
CREATE TABLE officer_session (
    hash      BLOB PRIMARY KEY,        -- SHA-256 of the cookie
    officer   ID NOT NULL,
    made_us   US NOT NULL,
    seen_us   US NOT NULL,             -- to within five minutes
    signed_us US NOT NULL              -- password and second factor were given
) WITHOUT_ROWID;
CREATE INDEX officer_session_officer ON officer_session (officer);
CREATE INDEX officer_session_seen ON officer_session (seen_us);

-- Since when an account is in use and, for administrators, the post held: by our clock, not by the
-- first day that was typed. Two who are old enough can let an account begin anew.
CREATE TABLE account_since (
    officer  ID PRIMARY KEY,
    since_us US NOT NULL
);

-- An account that is to begin anew, because telephone or password are lost: asked for by one
-- administrator, done when another confirms it in time. The row stays until the account is in use
-- again: only who confirmed makes another link.
CREATE TABLE reset_ask (
    officer      ID PRIMARY KEY,       -- whose account
    by_officer   ID NOT NULL,
    until_us     US NOT NULL,
    confirmed_by ID NOT NULL           -- 0: nobody yet
);

-- Who may confirm: administrators since PEOPLE_KNOWN_US when it was asked. One made or taken over
-- for the purpose is not among them.
CREATE TABLE reset_may (
    officer   ID NOT NULL,
    confirmer ID NOT NULL,
    PRIMARY KEY (officer, confirmer)
) WITHOUT_ROWID;
