-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What a matter has beside what every dossier has. Every column follows from its events:
-- `huiyin rebuild --check` folds them again and must find these rows.
-- In sealed kinds title, text, wish and place are field blobs; in open kinds they are text.

CREATE TABLE matter (
    id            ID PRIMARY KEY,      -- the dossier's
    kind          TEXT NOT NULL,       -- kind of the pack
    route         TEXT NOT NULL,       -- route of the pack, '' before it is known
    channel       INT NOT NULL,        -- enum channel
    lang          TEXT NOT NULL,
    title         BLOB NOT NULL,
    place         BLOB NOT NULL,
    identity      INT NOT NULL,        -- enum identity: known, sealed, anonymous
    handle        BLOB NOT NULL,       -- vault handle, 16 bytes; empty when there is no item
    received_day  DAY NOT NULL,        -- the day it came
    entered_us    US NOT NULL,         -- when it was entered here
    owner         ID NOT NULL,         -- office answerable for it
    first_office  ID NOT NULL,         -- first contact: answerable until another admitted it
    offered       ID NOT NULL,         -- office it is offered to, 0 for none
    handler       ID NOT NULL,         -- officer, 0 for none
    answers       INT NOT NULL,        -- answers given
    outcome       INT NOT NULL,        -- enum outcome of the last one
    rated         INT NOT NULL,        -- 1..5, 0 none
    solved        INT NOT NULL,        -- enum yes_no of the person's own word
    reopened      BOOL NOT NULL,
    escalated     INT NOT NULL,        -- levels above the first owner
    version       INT NOT NULL         -- the event it was last written by
);

CREATE VIEW v_matter AS
SELECT m.id, m.kind, m.route, m.channel, m.lang, m.title, m.place, m.identity, m.received_day,
       m.entered_us, m.owner, m.first_office, m.offered, m.handler, m.answers, m.outcome, m.rated,
       m.solved, m.reopened, m.escalated, m.version, v.state, v.office, v.seq, v.opened_day
FROM matter m JOIN v_dossier v ON v.id = m.id;

-- A row per running or missed due of an office, with what a list shows of its matter.
CREATE VIEW v_queue AS
SELECT u.dossier, u.n, u.rule, u.side, u.state AS due_state, u.office, u.at_us, u.at_day, u.fine,
       u.provisional, m.kind, m.title, m.place, m.channel, m.handler, m.owner, m.offered, m.received_day,
       m.reopened, d.state, d.content
FROM due u JOIN v_dossier d ON d.id = u.dossier JOIN matter m ON m.id = u.dossier;

-- The contact card of a person known to the handlers: one blob under the matter's own key, read
-- on the matter's page by desk, handler and lead, in no list, search, figure or export.
CREATE TABLE contact_card (
    matter ID PRIMARY KEY,
    card   BLOB NOT NULL
);

-- Register numbers: the date and four random digits, unique in the office's day.
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

-- An answer waits thirty seconds here before it is an event; so does what an officer is typing.
CREATE TABLE draft (
    matter  ID NOT NULL,
    officer ID NOT NULL,
    kind    INT NOT NULL,              -- 1 being written, 2 sent, waits its thirty seconds
    body    BLOB NOT NULL,             -- canonical JSON, a field blob in sealed kinds
    send_us US NOT NULL,               -- 0 while it is being written
    PRIMARY KEY (matter, officer, kind)
) WITHOUT_ROWID;
CREATE INDEX draft_send ON draft (send_us) WHERE kind = 2;

-- What an officer looks at often in the list of work, by name; n = 0 is the last one without a
-- name. Nothing in it points to who raised a matter.
CREATE TABLE filter_kept (
    officer  ID NOT NULL,
    n        INT NOT NULL,             -- 1..20
    title    TEXT NOT NULL,
    office   ID NOT NULL,              -- 0: the officer's first
    whose    INT NOT NULL,             -- 0 as the post has it, 1 all, 2 mine, 3 unassigned
    kind     TEXT NOT NULL,            -- of the pack, '' for any
    state    INT NOT NULL,             -- 0 for any
    channel  INT NOT NULL,             -- 0 for any
    place    TEXT NOT NULL,            -- exactly as it stands in the matter, '' for any
    soon     BOOL NOT NULL,
    from_day DAY NOT NULL,             -- received, 0 for any
    to_day   DAY NOT NULL,
    PRIMARY KEY (officer, n)
) WITHOUT_ROWID;

-- Texts that an office uses again and again in its answers.
CREATE TABLE text_module (
    office ID NOT NULL,
    name   TEXT NOT NULL,              -- of the text
    lang   TEXT NOT NULL,
    text   TEXT NOT NULL,              -- {ref} {title} {office} {today}, and no other variable
    PRIMARY KEY (office, name, lang)
) WITHOUT_ROWID;

-- Rows that an import has already taken: the hash of source and key, nothing of the row.
CREATE TABLE imported (
    hash   BLOB PRIMARY KEY,           -- BLAKE2b-128
    matter ID NOT NULL
) WITHOUT_ROWID;
