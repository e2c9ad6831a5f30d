-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Which items wait for their matter stands in a table of its own. The items are copied, so that
-- their table has the text of a fresh one.
-- store: vault
-- version: 2

CREATE TABLE pending (
    handle      BLOB PRIMARY KEY,
    created_day DAY NOT NULL
) WITHOUT_ROWID;
INSERT INTO pending (handle, created_day) SELECT handle, created_day FROM item WHERE state = 1;

ALTER TABLE item RENAME TO item_old;
-- postgres:
ALTER INDEX item_pkey RENAME TO item_old_pkey;
-- end
CREATE TABLE item (
    handle      BLOB PRIMARY KEY,      -- 16 random bytes
    mode        INT NOT NULL,
    policy      INT NOT NULL,
    nonce       BLOB NOT NULL,
    ct          BLOB NOT NULL,         -- 1040 or 4112 bytes
    created_day DAY NOT NULL,
    hold_until  DAY NOT NULL,          -- 0: no hold
    expires_day DAY NOT NULL           -- 0: not known yet
) WITHOUT_ROWID;
INSERT INTO item (handle, mode, policy, nonce, ct, created_day, hold_until, expires_day)
SELECT handle, mode, policy, nonce, ct, created_day, hold_until, expires_day FROM item_old;
DROP TABLE item_old;
