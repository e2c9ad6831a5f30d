-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Keys of dossiers, and the vault. No table here holds a name, an address in the clear, a matter's
-- number beside an identity, or anything computed from a person.

-- ---- keys.db ---------------------------------------------------------------------------------
-- store: keys

CREATE TABLE matter_key (
    matter_id ID NOT NULL,
    kind      INT NOT NULL,            -- 1 MDK, 2 MLK
    kek_epoch INT NOT NULL,
    nonce     BLOB NOT NULL,
    wrapped   BLOB NOT NULL,           -- 48 bytes
    made_day  DAY NOT NULL,
    PRIMARY KEY (matter_id, kind)
) WITHOUT_ROWID;

-- ---- vault.db --------------------------------------------------------------------------------
-- store: vault

-- To whom the identities of a kind are sealed.
CREATE TABLE policy (
    id     ID PRIMARY KEY,
    mode   INT NOT NULL,               -- 1: one role opens; 2: two different roles
    role_a BLOB NOT NULL,
    role_b BLOB NOT NULL               -- empty in mode 1
);

-- One sealed identity, whole in one row: its key in one or two boxes, the notify box, the identity.
-- Rows stand anywhere, by random handles, so that each table more would be another page a raise.
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

-- The items whose matter is not known to be there yet. A table of its own, a few pages in all:
-- confirming takes a row out of it and leaves the item, whose pages stand anywhere, as it is.
CREATE TABLE pending (
    handle      BLOB PRIMARY KEY,
    created_day DAY NOT NULL
) WITHOUT_ROWID;

CREATE TABLE bar (
    handle BLOB NOT NULL,
    kind   INT NOT NULL,               -- 1 custodian, 2 role
    id     BLOB NOT NULL,
    PRIMARY KEY (handle, kind, id)
) WITHOUT_ROWID;

CREATE TABLE role_key (
    role_id BLOB NOT NULL,
    epoch   INT NOT NULL,
    pub     BLOB NOT NULL,
    state   INT NOT NULL,              -- 1 seals and opens, 2 opens only
    PRIMARY KEY (role_id, epoch)
) WITHOUT_ROWID;

CREATE TABLE role_wrap (
    role_id      BLOB NOT NULL,
    epoch        INT NOT NULL,
    custodian_id BLOB NOT NULL,
    sealed       BLOB NOT NULL,        -- 104 bytes
    PRIMARY KEY (role_id, epoch, custodian_id)
) WITHOUT_ROWID;

CREATE TABLE custodian (
    id         BLOB PRIMARY KEY,
    person_tag BLOB NOT NULL,          -- one per human, random
    pub        BLOB NOT NULL,
    salt       BLOB NOT NULL,
    ops        INT NOT NULL,
    mem        INT NOT NULL,           -- bytes
    nonce      BLOB NOT NULL,
    enc_sk     BLOB NOT NULL,          -- 48 bytes; empty: the key is on the custodian's own machine
    state      INT NOT NULL,           -- 1 live, 2 locked, 3 retired
    fails      INT NOT NULL,
    next_try   US NOT NULL
) WITHOUT_ROWID;

CREATE TABLE open_log (
    req_id     BLOB PRIMARY KEY,
    handle     BLOB NOT NULL,
    custodians BLOB NOT NULL,
    leaf_index INT NOT NULL,
    day        DAY NOT NULL
) WITHOUT_ROWID;

-- The last head that was signed: id is always 1.
CREATE TABLE head (
    id   ID PRIMARY KEY,
    size INT NOT NULL,
    root BLOB NOT NULL,
    sig  BLOB NOT NULL
);

CREATE TABLE budget (
    day          DAY NOT NULL,
    custodian_id BLOB NOT NULL,
    n            INT NOT NULL,
    PRIMARY KEY (day, custodian_id)
) WITHOUT_ROWID;
