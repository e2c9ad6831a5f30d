-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The first schema, as the first data folders in the world have it: every store, without the comments.
-- Frozen: tests/db/test_migrate.c makes old stores of it.

-- src/db/schema.sql
-- version: 1 a35ced1f7684ecbb
CREATE TABLE schema_version (
    id      ID PRIMARY KEY,
    version INT NOT NULL,
    digest  TEXT NOT NULL
);
CREATE TABLE setting (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    changed_us US NOT NULL
) WITHOUT_ROWID;
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT_ROWID;
-- store: keys
-- version: 1 d50e397ae6f163e5
CREATE TABLE schema_version (
    id      ID PRIMARY KEY,
    version INT NOT NULL,
    digest  TEXT NOT NULL
);
-- store: vault
-- version: 1 2b9cfa61c4af4665
CREATE TABLE schema_version (
    id      ID PRIMARY KEY,
    version INT NOT NULL,
    digest  TEXT NOT NULL
);
-- store: fts
-- version: 1 471aa561c856286d
CREATE TABLE schema_version (
    id      ID PRIMARY KEY,
    version INT NOT NULL,
    digest  TEXT NOT NULL
);

-- src/spine/schema.sql
-- store: main
CREATE TABLE office (
    id       ID PRIMARY KEY,
    parent   ID NOT NULL,
    code     TEXT NOT NULL UNIQUE,
    name_en  TEXT NOT NULL,
    name_zh  TEXT NOT NULL,
    place    TEXT NOT NULL,
    outside  BOOL NOT NULL,
    active   BOOL NOT NULL,
    address  TEXT NOT NULL,
    phone    TEXT NOT NULL,
    hours_en TEXT NOT NULL,
    hours_zh TEXT NOT NULL
);
CREATE TABLE remit (
    office   ID NOT NULL,
    kind     TEXT NOT NULL,
    place    TEXT NOT NULL,
    PRIMARY KEY (office, kind, place)
) WITHOUT_ROWID;
CREATE TABLE officer (
    id           ID PRIMARY KEY,
    login        TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    lang         TEXT NOT NULL,
    active       BOOL NOT NULL,
    passhash     TEXT NOT NULL,
    totp         BLOB NOT NULL,
    totp_step    INT NOT NULL,
    recovery     TEXT NOT NULL,
    invite       BLOB NOT NULL,
    invite_until_us US NOT NULL,
    created_day  DAY NOT NULL
);
CREATE TABLE holds (
    officer   ID NOT NULL,
    office    ID NOT NULL,
    post      INT NOT NULL,
    from_day  DAY NOT NULL,
    to_day    DAY NOT NULL,
    delegate_of ID NOT NULL,
    PRIMARY KEY (officer, office, post, from_day)
) WITHOUT_ROWID;
CREATE INDEX holds_office ON holds (office, officer);
CREATE TABLE supervises (
    officer     ID NOT NULL,
    subordinate ID NOT NULL,
    PRIMARY KEY (officer, subordinate)
) WITHOUT_ROWID;
CREATE TABLE recusal (
    officer       ID NOT NULL,
    about_officer ID NOT NULL,
    about_office  ID NOT NULL,
    by_officer    ID NOT NULL,
    day           DAY NOT NULL,
    PRIMARY KEY (officer, about_officer, about_office)
) WITHOUT_ROWID;
CREATE TABLE token (
    id        ID PRIMARY KEY,
    officer   ID NOT NULL,
    hash      BLOB NOT NULL UNIQUE,
    label     TEXT NOT NULL,
    made_day  DAY NOT NULL,
    until_day DAY NOT NULL,
    active    BOOL NOT NULL
);
CREATE TABLE dossier (
    id         ID PRIMARY KEY,
    kind       INT NOT NULL,
    office     ID NOT NULL,
    state      INT NOT NULL,
    opened_day DAY NOT NULL,
    pack       TEXT NOT NULL,
    content    INT NOT NULL,
    seq        INT NOT NULL,
    tail       BLOB NOT NULL,
    mlk        BLOB NOT NULL
);
CREATE TABLE event (
    dossier ID NOT NULL,
    seq     INT NOT NULL,
    at_us   US NOT NULL,
    type    TEXT NOT NULL,
    text    BLOB NOT NULL,
    payload BLOB NOT NULL,
    bsalt   BLOB NOT NULL,
    leaf    INT NOT NULL,
    PRIMARY KEY (dossier, seq)
) WITHOUT_ROWID;
CREATE INDEX event_leaf ON event (leaf);
CREATE TABLE due (
    dossier     ID NOT NULL,
    n           INT NOT NULL,
    rule        TEXT NOT NULL,
    side        INT NOT NULL,
    state       INT NOT NULL,
    office      ID NOT NULL,
    start_us    US NOT NULL,
    at_us       US NOT NULL,
    at_day      DAY NOT NULL,
    fine        BOOL NOT NULL,
    provisional BOOL NOT NULL,
    calendar    TEXT NOT NULL,
    until_day   DAY NOT NULL,
    extended    INT NOT NULL,
    stood_us    US NOT NULL,
    since_us    US NOT NULL,
    PRIMARY KEY (dossier, n)
) WITHOUT_ROWID;
CREATE INDEX due_queue ON due (office, state, at_day, dossier) WHERE side = 1 AND state NOT IN (2, 3, 5);
CREATE INDEX due_sweep ON due (at_day) WHERE state = 1 AND fine = 0;
CREATE INDEX due_fine ON due (at_us) WHERE state = 1 AND fine = 1;
CREATE INDEX due_still ON due (until_day) WHERE state = 2;
CREATE TABLE grant_ (
    dossier ID NOT NULL,
    n       INT NOT NULL,
    office  ID NOT NULL,
    post    INT NOT NULL,
    officer ID NOT NULL,
    verbs   INT NOT NULL,
    from_us US NOT NULL,
    to_us   US NOT NULL,
    PRIMARY KEY (dossier, n)
) WITHOUT_ROWID;
CREATE TABLE subject (
    dossier ID NOT NULL,
    kind    INT NOT NULL,
    ref     ID NOT NULL,
    source  INT NOT NULL,
    PRIMARY KEY (dossier, kind, ref)
) WITHOUT_ROWID;
CREATE INDEX subject_ref ON subject (kind, ref);
CREATE TABLE excluded (
    dossier ID NOT NULL,
    officer ID NOT NULL,
    office  ID NOT NULL,
    PRIMARY KEY (dossier, officer, office)
) WITHOUT_ROWID;
CREATE TABLE bar (
    dossier ID NOT NULL,
    officer ID NOT NULL,
    why     INT NOT NULL,
    PRIMARY KEY (dossier, officer)
) WITHOUT_ROWID;
CREATE INDEX bar_officer ON bar (officer);
CREATE VIEW v_dossier AS
SELECT d.id, d.kind, d.office, d.state, d.opened_day, d.pack, d.content, d.seq, d.mlk
FROM dossier d
WHERE EXISTS (
    SELECT 1 FROM grant_ g JOIN holds h ON h.office = g.office AND h.post = g.post
    WHERE g.dossier = d.id AND g.to_us = 0 AND h.officer = HY_OFFICER()
      AND (g.officer = 0 OR g.officer = h.officer)
      AND HY_TODAY() BETWEEN h.from_day AND h.to_day)
  AND NOT EXISTS (SELECT 1 FROM bar b WHERE b.dossier = d.id AND b.officer = HY_OFFICER());
CREATE VIEW v_event AS
SELECT e.dossier, e.seq, e.at_us, e.type, e.text, e.payload, e.leaf
FROM event e JOIN v_dossier v ON v.id = e.dossier;
CREATE VIEW v_due AS
SELECT u.dossier, u.n, u.rule, u.side, u.state, u.office, u.start_us, u.at_us, u.at_day, u.fine,
       u.provisional, u.calendar, u.until_day, u.extended, u.stood_us, u.since_us
FROM due u JOIN v_dossier v ON v.id = u.dossier;
CREATE TABLE counter (
    office ID NOT NULL,
    kind   INT NOT NULL,
    state  INT NOT NULL,
    n      INT NOT NULL,
    PRIMARY KEY (office, kind, state)
) WITHOUT_ROWID;
CREATE TABLE looked (
    dossier ID NOT NULL,
    officer ID NOT NULL,
    day     DAY NOT NULL,
    PRIMARY KEY (dossier, officer)
) WITHOUT_ROWID;
CREATE TABLE code (
    lookup  BLOB PRIMARY KEY,
    dossier ID NOT NULL,
    uses    INT NOT NULL,
    state   INT NOT NULL
) WITHOUT_ROWID;
CREATE INDEX code_dossier ON code (dossier);
CREATE TABLE sent_once (
    week    DAY NOT NULL,
    hash    BLOB NOT NULL,
    dossier ID NOT NULL,
    seq     INT NOT NULL,
    PRIMARY KEY (week, hash)
) WITHOUT_ROWID;
CREATE TABLE outbox (
    id      ID PRIMARY KEY,
    kind    INT NOT NULL,
    dossier ID NOT NULL,
    seq     INT NOT NULL,
    office  ID NOT NULL,
    post    INT NOT NULL,
    officer ID NOT NULL,
    state   INT NOT NULL,
    tries   INT NOT NULL,
    next_us US NOT NULL
);
CREATE INDEX outbox_waits ON outbox (next_us) WHERE state = 1;
CREATE TABLE log_state (
    id              ID PRIMARY KEY,
    size            INT NOT NULL,
    newest_us       US NOT NULL,
    system_seq      INT NOT NULL,
    system_tail     BLOB NOT NULL
);
CREATE TABLE log_hash (
    pos ID PRIMARY KEY,
    h   BLOB NOT NULL
);
CREATE TABLE log_entry (
    idx   ID PRIMARY KEY,
    entry BLOB NOT NULL
);
CREATE TABLE log_checkpoint (
    size    ID PRIMARY KEY,
    root    BLOB NOT NULL,
    sig     BLOB NOT NULL,
    made_us US NOT NULL,
    public  BOOL NOT NULL
);
CREATE TABLE log_witness (
    witness  TEXT PRIMARY KEY,
    vkey     TEXT NOT NULL,
    since_us US NOT NULL
);
CREATE TABLE log_cosig (
    size    ID NOT NULL,
    witness TEXT NOT NULL,
    line    TEXT NOT NULL,
    at_us   US NOT NULL,
    PRIMARY KEY (size, witness)
) WITHOUT_ROWID;
CREATE TABLE log_shred (
    first  ID PRIMARY KEY,
    last   INT NOT NULL,
    by_idx INT NOT NULL
);
CREATE TABLE log_pad (
    first ID PRIMARY KEY,
    last  INT NOT NULL
);

-- src/spine/search_schema.sql
-- store: fts
-- sqlite:
CREATE VIRTUAL TABLE hit USING fts5 (words, tokenize = 'ascii');
-- postgres:
CREATE TABLE hit (
    rowid INT PRIMARY KEY,
    words TEXT NOT NULL
);
-- end
CREATE TABLE indexed (
    id   ID PRIMARY KEY,
    leaf INT NOT NULL
);

-- src/matter/schema.sql
-- store: main
CREATE TABLE matter (
    id            ID PRIMARY KEY,
    kind          TEXT NOT NULL,
    route         TEXT NOT NULL,
    channel       INT NOT NULL,
    lang          TEXT NOT NULL,
    title         BLOB NOT NULL,
    place         BLOB NOT NULL,
    identity      INT NOT NULL,
    handle        BLOB NOT NULL,
    received_day  DAY NOT NULL,
    entered_us    US NOT NULL,
    owner         ID NOT NULL,
    first_office  ID NOT NULL,
    offered       ID NOT NULL,
    handler       ID NOT NULL,
    answers       INT NOT NULL,
    outcome       INT NOT NULL,
    rated         INT NOT NULL,
    solved        INT NOT NULL,
    reopened      BOOL NOT NULL,
    escalated     INT NOT NULL,
    version       INT NOT NULL
);
CREATE VIEW v_matter AS
SELECT m.id, m.kind, m.route, m.channel, m.lang, m.title, m.place, m.identity, m.received_day,
       m.entered_us, m.owner, m.first_office, m.offered, m.handler, m.answers, m.outcome, m.rated,
       m.solved, m.reopened, m.escalated, m.version, v.state, v.office, v.seq, v.opened_day
FROM matter m JOIN v_dossier v ON v.id = m.id;
CREATE VIEW v_queue AS
SELECT u.dossier, u.n, u.rule, u.side, u.state AS due_state, u.office, u.at_us, u.at_day, u.fine,
       u.provisional, m.kind, m.title, m.place, m.channel, m.handler, m.owner, m.offered, m.received_day,
       m.reopened, d.state, d.content
FROM due u JOIN v_dossier d ON d.id = u.dossier JOIN matter m ON m.id = u.dossier;
CREATE TABLE contact_card (
    matter ID PRIMARY KEY,
    card   BLOB NOT NULL
);
CREATE TABLE register_number (
    office ID NOT NULL,
    day    DAY NOT NULL,
    digits INT NOT NULL,
    matter ID NOT NULL,
    PRIMARY KEY (office, day, digits)
) WITHOUT_ROWID;
CREATE INDEX register_matter ON register_number (matter);
CREATE VIEW v_register AS
SELECT r.office, r.day, r.digits, r.matter
FROM register_number r JOIN v_dossier v ON v.id = r.matter;
CREATE TABLE draft (
    matter  ID NOT NULL,
    officer ID NOT NULL,
    kind    INT NOT NULL,
    body    BLOB NOT NULL,
    send_us US NOT NULL,
    PRIMARY KEY (matter, officer, kind)
) WITHOUT_ROWID;
CREATE INDEX draft_send ON draft (send_us) WHERE kind = 2;
CREATE TABLE filter_kept (
    officer  ID NOT NULL,
    n        INT NOT NULL,
    title    TEXT NOT NULL,
    office   ID NOT NULL,
    whose    INT NOT NULL,
    kind     TEXT NOT NULL,
    state    INT NOT NULL,
    channel  INT NOT NULL,
    place    TEXT NOT NULL,
    soon     BOOL NOT NULL,
    from_day DAY NOT NULL,
    to_day   DAY NOT NULL,
    PRIMARY KEY (officer, n)
) WITHOUT_ROWID;
CREATE TABLE text_module (
    office ID NOT NULL,
    name   TEXT NOT NULL,
    lang   TEXT NOT NULL,
    text   TEXT NOT NULL,
    PRIMARY KEY (office, name, lang)
) WITHOUT_ROWID;
CREATE TABLE imported (
    hash   BLOB PRIMARY KEY,
    matter ID NOT NULL
) WITHOUT_ROWID;

-- src/http/schema.sql
-- store: main
CREATE TABLE person_session (
    hash     BLOB PRIMARY KEY,
    sealed   BLOB NOT NULL,
    until_us US NOT NULL
) WITHOUT_ROWID;
CREATE INDEX person_session_until ON person_session (until_us);

-- src/trust/schema.sql
-- store: keys
CREATE TABLE matter_key (
    matter_id ID NOT NULL,
    kind      INT NOT NULL,
    kek_epoch INT NOT NULL,
    nonce     BLOB NOT NULL,
    wrapped   BLOB NOT NULL,
    made_day  DAY NOT NULL,
    PRIMARY KEY (matter_id, kind)
) WITHOUT_ROWID;
-- store: vault
CREATE TABLE policy (
    id     ID PRIMARY KEY,
    mode   INT NOT NULL,
    role_a BLOB NOT NULL,
    role_b BLOB NOT NULL
);
CREATE TABLE item (
    handle      BLOB PRIMARY KEY,
    state       INT NOT NULL,
    mode        INT NOT NULL,
    policy      INT NOT NULL,
    nonce       BLOB NOT NULL,
    ct          BLOB NOT NULL,
    created_day DAY NOT NULL,
    hold_until  DAY NOT NULL,
    expires_day DAY NOT NULL
) WITHOUT_ROWID;
CREATE INDEX item_pending ON item (created_day) WHERE state = 1;
CREATE TABLE share (
    handle   BLOB NOT NULL,
    share_no INT NOT NULL,
    role_id  BLOB NOT NULL,
    epoch    INT NOT NULL,
    sealed   BLOB NOT NULL,
    PRIMARY KEY (handle, share_no)
) WITHOUT_ROWID;
CREATE TABLE bar (
    handle BLOB NOT NULL,
    kind   INT NOT NULL,
    id     BLOB NOT NULL,
    PRIMARY KEY (handle, kind, id)
) WITHOUT_ROWID;
CREATE TABLE notify (
    handle    BLOB PRIMARY KEY,
    sealed    BLOB NOT NULL,
    last_slot INT NOT NULL
) WITHOUT_ROWID;
CREATE TABLE role_key (
    role_id BLOB NOT NULL,
    epoch   INT NOT NULL,
    pub     BLOB NOT NULL,
    state   INT NOT NULL,
    PRIMARY KEY (role_id, epoch)
) WITHOUT_ROWID;
CREATE TABLE role_wrap (
    role_id      BLOB NOT NULL,
    epoch        INT NOT NULL,
    custodian_id BLOB NOT NULL,
    sealed       BLOB NOT NULL,
    PRIMARY KEY (role_id, epoch, custodian_id)
) WITHOUT_ROWID;
CREATE TABLE custodian (
    id         BLOB PRIMARY KEY,
    person_tag BLOB NOT NULL,
    pub        BLOB NOT NULL,
    salt       BLOB NOT NULL,
    ops        INT NOT NULL,
    mem        INT NOT NULL,
    nonce      BLOB NOT NULL,
    enc_sk     BLOB NOT NULL,
    state      INT NOT NULL,
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

-- src/people/schema.sql
-- store: main
CREATE TABLE officer_session (
    hash      BLOB PRIMARY KEY,
    officer   ID NOT NULL,
    made_us   US NOT NULL,
    seen_us   US NOT NULL,
    signed_us US NOT NULL
) WITHOUT_ROWID;
CREATE INDEX officer_session_officer ON officer_session (officer);
CREATE INDEX officer_session_seen ON officer_session (seen_us);
CREATE TABLE account_since (
    officer  ID PRIMARY KEY,
    since_us US NOT NULL
);
CREATE TABLE reset_ask (
    officer      ID PRIMARY KEY,
    by_officer   ID NOT NULL,
    until_us     US NOT NULL,
    confirmed_by ID NOT NULL
);
CREATE TABLE reset_may (
    officer   ID NOT NULL,
    confirmer ID NOT NULL,
    PRIMARY KEY (officer, confirmer)
) WITHOUT_ROWID;
