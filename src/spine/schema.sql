-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What every dossier has. Numbers are never NULL: 0 means none, or "still open" for an end.
-- No column joins two dossiers by the person who raised them, and none may be added.

-- ---- offices, officers, posts --------------------------------------------------------------

CREATE TABLE office (
    id       ID PRIMARY KEY,
    parent   ID NOT NULL,              -- 0: the top
    code     TEXT NOT NULL UNIQUE,     -- 'town.school'; stands in event texts
    name_en  TEXT NOT NULL,
    name_zh  TEXT NOT NULL,
    place    TEXT NOT NULL,            -- the place it answers for, '' for none of its own
    outside  BOOL NOT NULL,            -- of another organisation: where routes for wrongdoing end
    active   BOOL NOT NULL,
    address  TEXT NOT NULL,
    phone    TEXT NOT NULL,            -- the office's own number, printed on papers
    hours_en TEXT NOT NULL,
    hours_zh TEXT NOT NULL
);

-- What an office answers for; the most specific row that is not barred wins.
CREATE TABLE remit (
    office   ID NOT NULL,
    kind     TEXT NOT NULL,            -- a kind of the pack, or '' for every kind
    place    TEXT NOT NULL,            -- a place, or '' for every place
    PRIMARY KEY (office, kind, place)
) WITHOUT_ROWID;

CREATE TABLE officer (
    id           ID PRIMARY KEY,
    login        TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    lang         TEXT NOT NULL,
    active       BOOL NOT NULL,
    passhash     TEXT NOT NULL,        -- argon2id string, '' until set
    totp         BLOB NOT NULL,        -- seed sealed under KEK, empty until enrolled
    totp_step    INT NOT NULL,         -- last step used: each is good once
    recovery     TEXT NOT NULL,        -- hashes of what is left of ten, one a line
    invite       BLOB NOT NULL,        -- SHA-256 of the one-time link, empty when used
    invite_until_us US NOT NULL,
    created_day  DAY NOT NULL
);

CREATE TABLE holds (
    officer   ID NOT NULL,
    office    ID NOT NULL,
    post      INT NOT NULL,            -- enum post
    from_day  DAY NOT NULL,
    to_day    DAY NOT NULL,            -- last day, both inclusive; 2147483647 for no end
    delegate_of ID NOT NULL,           -- the officer stood in for, 0 for the post's own holder
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
    about_officer ID NOT NULL,         -- one of the two is 0
    about_office  ID NOT NULL,
    by_officer    ID NOT NULL,
    day           DAY NOT NULL,
    PRIMARY KEY (officer, about_officer, about_office)
) WITHOUT_ROWID;

CREATE TABLE token (
    id        ID PRIMARY KEY,
    officer   ID NOT NULL,
    hash      BLOB NOT NULL UNIQUE,    -- SHA-256 of the token; the token itself is shown once
    label     TEXT NOT NULL,
    made_day  DAY NOT NULL,
    until_day DAY NOT NULL,
    active    BOOL NOT NULL
);

-- ---- dossiers, events, dues ------------------------------------------------------------------

CREATE TABLE dossier (
    id         ID PRIMARY KEY,
    kind       INT NOT NULL,           -- enum dossier_kind
    office     ID NOT NULL,            -- answerable now
    state      INT NOT NULL,           -- the room's own enum
    opened_day DAY NOT NULL,
    pack       TEXT NOT NULL,          -- 'cn-petition@1': the version it was admitted under
    content    INT NOT NULL,           -- enum content: open, sealed
    seq        INT NOT NULL,           -- events so far
    tail       BLOB NOT NULL,          -- leaf hash of the last event, 32 bytes
    mlk        BLOB NOT NULL           -- open kinds: 32 bytes; sealed kinds: empty, see keys.db
);

-- In the order of the log, so that a batch writes one piece: WITHOUT ROWID SQLite would put every
-- row of over 1,002 bytes, which most that were raised are, on a page of its own.
CREATE TABLE event (
    leaf    ID PRIMARY KEY,            -- its index in the log
    dossier ID NOT NULL,               -- 0: the system stream
    seq     INT NOT NULL,
    at_us   US NOT NULL,
    type    TEXT NOT NULL,
    text    BLOB NOT NULL,             -- canonical text, or a field blob for sealed kinds
    payload BLOB NOT NULL,             -- canonical JSON, or a field blob; empty for none
    bsalt   BLOB NOT NULL              -- salt of the body commitment; empty without payload
);
CREATE UNIQUE INDEX event_place ON event (dossier, seq);

CREATE TABLE due (
    dossier     ID NOT NULL,
    n           INT NOT NULL,          -- 1, 2, 3 ... within the dossier
    rule        TEXT NOT NULL,         -- 'cn-petition/decide'
    side        INT NOT NULL,          -- enum due_side: office, person
    state       INT NOT NULL,          -- enum due_state: open, suspended, met, missed, dropped
    office      ID NOT NULL,           -- who owes it; 0 on the person's side
    start_us    US NOT NULL,
    at_us       US NOT NULL,           -- the instant is the truth
    at_day      DAY NOT NULL,          -- its day in the office's zone, for queues
    fine        BOOL NOT NULL,         -- counted in minutes or hours
    provisional BOOL NOT NULL,
    calendar    TEXT NOT NULL,         -- name@version it was computed with
    until_day   DAY NOT NULL,          -- suspended: stated end, 0 for a daily check
    extended    INT NOT NULL,          -- times
    stood_us    US NOT NULL,           -- time it stood still before now
    since_us    US NOT NULL,           -- suspended: since when
    PRIMARY KEY (dossier, n)
) WITHOUT_ROWID;
-- what an office owes (open), and the board of the late (missed and not yet made good). Not "NOT IN":
-- SQLite makes a table of such a list each time a due is written.
CREATE INDEX due_queue ON due (office, state, at_day, dossier)
    WHERE side = 1 AND state <> 2 AND state <> 3 AND state <> 5;
-- states 1 open: the sweep by day, the sweep by instant
CREATE INDEX due_sweep ON due (at_day) WHERE state = 1 AND fine = 0;
CREATE INDEX due_fine ON due (at_us) WHERE state = 1 AND fine = 1;
CREATE INDEX due_still ON due (until_day) WHERE state = 2;

-- ---- who may see what ------------------------------------------------------------------------

CREATE TABLE grant_ (
    dossier ID NOT NULL,
    n       INT NOT NULL,              -- 1, 2, 3 ... within the dossier
    office  ID NOT NULL,
    post    INT NOT NULL,
    officer ID NOT NULL,               -- 0: whoever holds the post
    verbs   INT NOT NULL,              -- enum verb, bits
    from_us US NOT NULL,
    to_us   US NOT NULL,               -- 0: still runs
    PRIMARY KEY (dossier, n)
) WITHOUT_ROWID;

-- Officers, offices and units of the tree a dossier is about; private persons never stand here.
CREATE TABLE subject (
    dossier ID NOT NULL,
    kind    INT NOT NULL,              -- 1 officer, 2 office
    ref     ID NOT NULL,
    source  INT NOT NULL,              -- 1 person, 2 triage, 3 finding
    PRIMARY KEY (dossier, kind, ref)
) WITHOUT_ROWID;

CREATE INDEX subject_ref ON subject (kind, ref);

-- "Must not see this": named by the person.
CREATE TABLE excluded (
    dossier ID NOT NULL,
    officer ID NOT NULL,
    office  ID NOT NULL,
    PRIMARY KEY (dossier, officer, office)
) WITHOUT_ROWID;

CREATE TABLE bar (
    dossier ID NOT NULL,
    officer ID NOT NULL,
    why     INT NOT NULL,              -- enum bar_why
    PRIMARY KEY (dossier, officer)
) WITHOUT_ROWID;
CREATE INDEX bar_officer ON bar (officer);

-- Who stands above whom: by the table of superiors, by leading an office (`post` says which post that
-- is, 0 counts always), an office by the one above it, and whoever holds a post by the office.
CREATE VIEW reporting_line (above_is_office, above, below_is_office, below, post, to_day) AS
SELECT 0, officer, 0, subordinate, 0, 2147483647 FROM supervises
UNION ALL SELECT 0, officer, 1, office, post, to_day FROM holds
UNION ALL SELECT 1, parent, 1, id, 0, 2147483647 FROM office
UNION ALL SELECT 1, office, 0, officer, 0, to_day FROM holds;

-- What the current officer holds a running grant in and is not barred from.
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

-- How many dossiers of a kind an office has in a state; what an officer sees is this minus what
-- he is barred from there.
CREATE TABLE counter (
    office ID NOT NULL,
    kind   INT NOT NULL,
    state  INT NOT NULL,
    n      INT NOT NULL,
    PRIMARY KEY (office, kind, state)
) WITHOUT_ROWID;

-- The reader's own last look on a day is one event; this says whether it is there already.
CREATE TABLE looked (
    dossier ID NOT NULL,
    officer ID NOT NULL,
    day     DAY NOT NULL,
    PRIMARY KEY (dossier, officer)
) WITHOUT_ROWID;

-- ---- coming back, sending once, sending out --------------------------------------------------

CREATE TABLE code (
    lookup  BLOB PRIMARY KEY,          -- 32 bytes, trust.md section 6; no date, no address
    dossier ID NOT NULL,
    uses    INT NOT NULL,
    state   INT NOT NULL               -- 1 live, 2 burned, 3 expired
) WITHOUT_ROWID;
CREATE INDEX code_dossier ON code (dossier);

-- A request that was answered and comes again gets the same answer. Kept at least seven days: by
-- the week it came in, so that new ones stand together and two places hold all that count.
CREATE TABLE sent_once (
    week    DAY NOT NULL,              -- its first day
    hash    BLOB NOT NULL,             -- BLAKE2b-128 of (token, key)
    dossier ID NOT NULL,
    seq     INT NOT NULL,
    PRIMARY KEY (week, hash)
) WITHOUT_ROWID;

CREATE TABLE outbox (
    id      ID PRIMARY KEY,
    kind    INT NOT NULL,              -- enum outbox_kind
    dossier ID NOT NULL,
    seq     INT NOT NULL,              -- the event that caused it
    office  ID NOT NULL,
    post    INT NOT NULL,
    officer ID NOT NULL,
    state   INT NOT NULL,              -- 1 waits, 2 sent, 3 given up
    tries   INT NOT NULL,
    next_us US NOT NULL
);
CREATE INDEX outbox_waits ON outbox (next_us) WHERE state = 1;

-- ---- the log ---------------------------------------------------------------------------------

CREATE TABLE log_state (
    id              ID PRIMARY KEY,    -- always 1
    size            INT NOT NULL,      -- leaves
    newest_us       US NOT NULL,       -- time of the newest event; the log never goes back
    system_seq      INT NOT NULL,
    system_tail     BLOB NOT NULL
);

-- Stored hashes in the order of Go's sumdb/tlog.
CREATE TABLE log_hash (
    pos ID PRIMARY KEY,
    h   BLOB NOT NULL
);

CREATE TABLE log_entry (
    idx   ID PRIMARY KEY,
    entry BLOB NOT NULL                -- 0x01 and the commitment: 33 bytes
);

CREATE TABLE log_checkpoint (
    size    ID PRIMARY KEY,
    root    BLOB NOT NULL,
    sig     BLOB NOT NULL,             -- 64 bytes
    made_us US NOT NULL,
    public  BOOL NOT NULL
);

-- Who may cosign: people and machines outside, whose clocks and memory are not ours.
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
    by_idx INT NOT NULL                -- the system event that says so
);

-- Leaves that hide how many events a slot saw.
CREATE TABLE log_pad (
    first ID PRIMARY KEY,
    last  INT NOT NULL
);
