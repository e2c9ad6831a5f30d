-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Shares and notify box stand in the item's own row. An item that lacks one stops the step, and the
-- store stays as it is. (No bytes from the first on are an empty BLOB on either engine.)
-- store: vault
-- version: 3

ALTER TABLE item RENAME TO item_old;
-- postgres:
ALTER INDEX item_pkey RENAME TO item_old_pkey;
-- end
CREATE TABLE item (
    handle      BLOB PRIMARY KEY,      -- 16 random bytes
    mode        INT NOT NULL,
    policy      INT NOT NULL,
    created_day DAY NOT NULL,
    hold_until  DAY NOT NULL,          -- 0: no hold
    expires_day DAY NOT NULL,          -- 0: not known yet
    last_slot   INT NOT NULL,          -- when a notice went last; 0: never
    role_a      BLOB NOT NULL,
    epoch_a     INT NOT NULL,
    share_a     BLOB NOT NULL,         -- 101 bytes, sealed to role_a
    role_b      BLOB NOT NULL,         -- empty in mode 1
    epoch_b     INT NOT NULL,          -- 0 in mode 1
    share_b     BLOB NOT NULL,         -- empty in mode 1
    notify      BLOB NOT NULL,         -- 326 bytes, sealed to the mailer
    nonce       BLOB NOT NULL,
    ct          BLOB NOT NULL          -- 1040 or 4112 bytes
) WITHOUT_ROWID;
INSERT INTO item (handle, mode, policy, created_day, hold_until, expires_day, last_slot,
                  role_a, epoch_a, share_a, role_b, epoch_b, share_b, notify, nonce, ct)
SELECT i.handle, i.mode, i.policy, i.created_day, i.hold_until, i.expires_day, n.last_slot,
       a.role_id, a.epoch, a.sealed,
       CASE i.mode WHEN 1 THEN substr(a.role_id, 1, 0) ELSE b.role_id END,
       CASE i.mode WHEN 1 THEN 0 ELSE b.epoch END,
       CASE i.mode WHEN 1 THEN substr(a.sealed, 1, 0) ELSE b.sealed END, n.sealed, i.nonce, i.ct
FROM item_old i
LEFT JOIN share a ON a.handle = i.handle AND a.share_no = 1
LEFT JOIN share b ON b.handle = i.handle AND b.share_no = 2
LEFT JOIN notify n ON n.handle = i.handle;
DROP TABLE item_old;
DROP TABLE share;
DROP TABLE notify;
