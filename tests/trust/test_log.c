/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The log in the database: appending, rolling back, padding, publishing, proving; and what the
 * audit says when somebody changed something behind the program's back (A38, A39). */
#include "tests/check.h"

#include "base/instant.h"
#include "base/mem.h"
#include "spine/audit.h"
#include "spine/tile.h"
#include "tests/trust/kit.h"
#include "tests/trust/kit.sql.h"

#include <string.h>

static struct kit kit;
static struct arena arena;

static int open_kit(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    kit_make(&kit);
    kit_open(&kit);
    return 0;
}

static int close_kit(void **state)
{
    (void)state;
    kit_close(&kit);
    kit_remove(&kit);
    arena_done(&arena);
    return 0;
}

static struct kit_raise raise_one(bool sealed, int events)
{
    struct kit_raise r = {.sealed = sealed, .named = sealed, .events = events};
    assert_int_equal(kit_raise(&kit, &r), ERR_OK);
    return r;
}

static struct event *load(const struct kit_raise *r, size_t *ret_count)
{
    struct event *events = NULL;
    static struct key32 mlk;
    struct event_ask ask = {.dossier = r->id};
    ref_id16(kit.house.keys->k_id, r->id, &ask.id16);
    if (r->sealed) {
        assert_int_equal(kit.house.keys->find(kit.house.keys->ctx, r->id, KEY_MLK, &mlk), ERR_OK);
        ask.mlk = &mlk;
    }
    assert_int_equal(event_load(kit.db, &arena, &ask, &events, ret_count), ERR_OK);
    return events;
}

/* ---- appending
 * ----------------------------------------------------------------------------------- */

static void check_chain(bool sealed)
{
    struct kit_raise r = raise_one(sealed, 4);
    size_t count = 0;
    struct event *e = load(&r, &count);
    assert_int_equal(count, 4);
    check_str(e[0].parsed.type, "matter.received");
    check_str(e[0].parsed.actor, "person");
    assert_true(e[0].parsed.date_only && !e[1].parsed.date_only);
    assert_true(e[0].parsed.day == house_day(&kit.house, e[0].at_us));
    check_str(e[0].parsed.attrs[0].key, "kind"); /* given in the other order */
    check_str(e[0].payload, "{\"text\":\"the stairs have no light\"}");
    assert_true(e[1].payload.len == 0 && !e[1].parsed.has_body);
    for (size_t i = 1; i < count; i++) {
        assert_true(e[i].leaf == e[i - 1].leaf + 1);
        assert_true(e[i].parsed.has_prev && e[i].parsed.seq == (int64_t)i + 1);
    }
}

static void test_events_of_open_and_sealed_dossiers_chain(void **state)
{
    (void)state;
    check_chain(false);
    check_chain(true);
}

static void test_a_refused_job_leaves_no_leaf(void **state)
{
    (void)state;
    struct kit_raise before = raise_one(false, 1);
    struct kit_raise bad = {.events = 5, .fail = ERR_REFUSED};
    assert_int_equal(kit_raise(&kit, &bad), ERR_REFUSED);
    struct kit_raise after = raise_one(false, 1);
    size_t count = 0;
    struct event *one = load(&before, &count);
    struct event *two = load(&after, &count);
    assert_true(after.id.v == before.id.v + 1);
    assert_true(two[0].leaf == one[0].leaf + 1);
}

static void count_done(void *ctx, enum err err, const struct err_info *info)
{
    (void)info;
    struct kit_raise *r = ctx;
    r->named = err == ERR_OK; /* read after writer_call below */
}

/* Good and bad jobs in one batch: only the bad ones' leaves are gone. */
static void test_savepoints_within_a_batch(void **state)
{
    (void)state;
    enum { N = 40 };
    static struct kit_raise jobs[N];
    for (size_t i = 0; i < N; i++) {
        jobs[i] = (struct kit_raise){
            .kit = &kit, .events = (int)(i % 3) + 1, .fail = i % 4 == 1 ? ERR_REFUSED : ERR_OK};
        assert_int_equal(writer_submit(kit.writer, kit_raise_job, &jobs[i], count_done), ERR_OK);
    }
    struct kit_raise last = raise_one(false, 1);
    int64_t expect = 0;
    for (size_t i = 0; i < N; i++) {
        assert_true(jobs[i].named == (i % 4 != 1));
        if (!jobs[i].named)
            continue;
        size_t count = 0;
        jobs[i].sealed = false;
        struct event *e = load(&jobs[i], &count);
        assert_int_equal(count, i % 3 + 1);
        assert_true(expect == 0 || e[0].leaf == expect);
        expect = e[count - 1].leaf + 1;
    }
    size_t count = 0;
    assert_true(load(&last, &count)[0].leaf == expect);
}

/* ---- heads and proofs
 * ----------------------------------------------------------------------------- */

static void test_every_event_is_proved_under_the_signed_head(void **state)
{
    (void)state;
    struct kit_raise r = raise_one(true, 3);
    struct log_head head;
    assert_int_equal(log_wait(kit.log, 1, 0, &head), ERR_OK);
    size_t count = 0;
    struct event *e = load(&r, &count);
    struct key32 mlk;
    assert_int_equal(kit.house.keys->find(kit.house.keys->ctx, r.id, KEY_MLK, &mlk), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        uint8_t salt[32];
        uint8_t entry[EVENT_ENTRY_BYTES];
        struct hash commit;
        struct hash leaf;
        struct proof p;
        event_salt(mlk.b, e[i].seq, salt);
        event_commit(salt, e[i].text, &commit);
        event_entry(&commit, entry);
        proof_leaf(entry, sizeof entry, &leaf);
        assert_int_equal(log_inclusion(kit.db, (uint64_t)e[i].leaf, head.size, &p), ERR_OK);
        assert_true(
            proof_check_inclusion(&leaf, (uint64_t)e[i].leaf, head.size, &head.root, p.h, p.count));
    }
    (void)raise_one(false, 2);
    struct log_head later;
    struct proof p;
    log_newest(kit.log, &later);
    assert_true(later.size == head.size + 2);
    assert_int_equal(log_consistency(kit.db, head.size, later.size, &p), ERR_OK);
    assert_true(
        proof_check_consistency(head.size, later.size, &head.root, &later.root, p.h, p.count));
    assert_int_equal(log_wait(kit.log, later.size + 1, 1, &later), ERR_BUSY);
}

/* More leaves in one batch than memory was kept for, after one that was rolled back. */
static void test_rows_of_a_large_batch_are_all_there(void **state)
{
    (void)state;
    enum { MANY = 700 };
    struct log_head before;
    struct log_head head;
    struct hash root;
    log_newest(kit.log, &before);
    struct kit_raise gone = {.events = MANY / 2, .fail = ERR_REFUSED};
    assert_int_equal(kit_raise(&kit, &gone), ERR_REFUSED);
    (void)raise_one(false, MANY);
    assert_int_equal(log_wait(kit.log, before.size + MANY, 0, &head), ERR_OK);
    assert_true(head.size == before.size + MANY);
    assert_int_equal(log_root(kit.db, head.size, &root), ERR_OK);
    assert_memory_equal(root.b, head.root.b, sizeof root.b);
}

static enum err pad_job(struct tx *tx, void *always)
{
    return log_pad(tx, kit.log, 32, *(bool *)always);
}

static enum err publish_job(struct tx *tx, void *ctx)
{
    (void)ctx;
    return log_publish(tx, kit.log);
}

static enum err system_job(struct tx *tx, void *ctx)
{
    struct event_place *place = ctx;
    const struct event_attr attr = {STR("sha256"), STR("0123")};
    const struct event_draft e = {
        .type = STR("release.started"), .actor = STR("system"), .attrs = &attr, .attr_count = 1};
    return event_append_system(tx, &e, place);
}

static void test_slots_are_padded_and_published(void **state)
{
    (void)state;
    (void)raise_one(false, 1);
    struct log_head head;
    bool always = false;
    assert_int_equal(writer_call(kit.writer, pad_job, &always, &kit.info), ERR_OK);
    log_newest(kit.log, &head);
    assert_true(head.size % 32 == 0);
    uint64_t size = head.size;
    assert_int_equal(writer_call(kit.writer, pad_job, &always, &kit.info), ERR_OK);
    log_newest(kit.log, &head);
    assert_true(head.size == size); /* nothing happened, nothing to hide */
    always = true;
    assert_int_equal(writer_call(kit.writer, pad_job, &always, &kit.info), ERR_OK);
    assert_int_equal(log_slot_wait(kit.log, 0), ERR_OK);
    assert_int_equal(writer_call(kit.writer, publish_job, NULL, &kit.info), ERR_OK);
    assert_int_equal(log_public(kit.db, &head, NULL), ERR_OK);
    assert_true(head.size == size + 32);
    /* what comes later is not public before its own slot */
    (void)raise_one(false, 1);
    assert_int_equal(writer_call(kit.writer, publish_job, NULL, &kit.info), ERR_OK);
    assert_int_equal(log_public(kit.db, &head, NULL), ERR_OK);
    assert_true(head.size == size + 32);
}

static void ignore_done(void *ctx, enum err err, const struct err_info *info)
{
    (void)ctx;
    (void)info;
    assert_int_equal(err, ERR_OK);
}

/* A45: whatever is under way, what is published is a multiple of 32. */
static void test_a_slot_under_load_is_still_a_multiple(void **state)
{
    (void)state;
    enum { N = 60 };
    static struct kit_raise jobs[N];
    static bool always = true;
    struct kit other;
    struct kit kept = kit;
    kit_make(&other);
    other.with_thread = true;
    kit_open(&other);
    for (int round = 0; round < 3; round++) {
        kit = other;
        for (size_t i = 0; i < N; i++) {
            jobs[i] = (struct kit_raise){.kit = &other, .events = 1};
            assert_int_equal(writer_submit(other.writer, kit_raise_job, &jobs[i], ignore_done),
                             ERR_OK);
            if (i == N / 2)
                assert_int_equal(writer_submit(other.writer, pad_job, &always, ignore_done),
                                 ERR_OK);
        }
        struct log_head head;
        assert_int_equal(writer_call(other.writer, system_job, NULL, &other.info), ERR_OK);
        assert_int_equal(log_slot_wait(other.log, 5000), ERR_OK);
        assert_int_equal(writer_call(other.writer, publish_job, NULL, &other.info), ERR_OK);
        assert_int_equal(log_public(other.db, &head, NULL), ERR_OK);
        assert_true(head.size % 32 == 0);
    }
    kit = kept;
    kit_close(&other);
    kit_remove(&other);
}

static void test_the_stream_of_the_system_goes_on_after_a_restart(void **state)
{
    (void)state;
    struct event_place one;
    struct event_place two;
    assert_int_equal(writer_call(kit.writer, system_job, &one, &kit.info), ERR_OK);
    kit_close(&kit);
    kit_open(&kit);
    assert_int_equal(writer_call(kit.writer, system_job, &two, &kit.info), ERR_OK);
    assert_true(two.seq == one.seq + 1);
    struct event *events = NULL;
    size_t count = 0;
    const struct event_ask ask = {.dossier = {0}, .after = one.seq};
    assert_int_equal(event_load(kit.db, &arena, &ask, &events, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_memory_equal(events[0].parsed.prev.b, one.leaf_hash.b, HASH_BYTES);
    static const struct id16 ZERO;
    assert_memory_equal(events[0].parsed.id16.b, ZERO.b, ID16_BYTES);
}

/* ---- tiles
 * ----------------------------------------------------------------------------------------- */

static void test_tile_addresses_have_one_spelling(void **state)
{
    (void)state;
    struct tile t;
    assert_true(tile_parse(STR("0/000"), &t));
    assert_true(!t.is_entries && t.level == 0 && t.n == 0 && t.width == 256);
    assert_true(tile_parse(STR("2/x001/x234/067.p/8"), &t));
    assert_true(t.level == 2 && t.n == 1234067 && t.width == 8);
    assert_true(tile_parse(STR("entries/x001/000"), &t));
    assert_true(t.is_entries && t.n == 1000);
    static const char *const BAD[] = {
        "",        "0",        "0/",         "0/0",         "0/0000",     "00/000",
        "8/000",   "-1/000",   "0/x000/001", "0/x001",      "0/001/",     "0/001/002",
        "0/001.p", "0/001.p/", "0/001.p/0",  "0/001.p/256", "0/001.p/01", "0/x001.p/1",
        "0/-01",   "data/000", "0/001.p/1/", "entries"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (tile_parse(str_of(BAD[i]), &t))
            fail_msg("taken: %s", BAD[i]);
    t = (struct tile){.n = 1, .width = 4};
    assert_true(tile_is_within(&t, 260));
    assert_false(tile_is_within(&t, 259));
    t = (struct tile){.level = 1, .n = 0, .width = 1};
    assert_true(tile_is_within(&t, 256));
    assert_false(tile_is_within(&t, 255));
    t = (struct tile){.level = 7, .n = UINT64_MAX / 256, .width = 256};
    assert_false(tile_is_within(&t, PROOF_SIZE_MAX));
}

/* What an outsider does: entries from tiles, hashed again, give the signed root. */
static void test_the_root_follows_from_the_tiles(void **state)
{
    (void)state;
    bool always = true;
    struct log_head head;
    do {
        assert_int_equal(writer_call(kit.writer, pad_job, &always, &kit.info), ERR_OK);
        log_newest(kit.log, &head);
    } while (head.size < 300);
    struct frontier f = {0};
    struct hash level1 = {{0}};
    while (f.size < head.size) {
        uint64_t left = head.size - f.size;
        struct tile t = {.is_entries = true,
                         .n = f.size / TILE_WIDTH,
                         .width = left < TILE_WIDTH ? (uint32_t)left : TILE_WIDTH};
        CLEANUP(buf_done) struct buf b;
        CLEANUP(buf_done) struct buf hashes;
        buf_init(&b, 1 << 20);
        buf_init(&hashes, 1 << 20);
        assert_true(tile_is_within(&t, head.size));
        assert_int_equal(tile_read(kit.db, &arena, &t, &b), ERR_OK);
        t.is_entries = false;
        assert_int_equal(tile_read(kit.db, &arena, &t, &hashes), ERR_OK);
        assert_int_equal(b.len, 35 * (size_t)t.width);
        assert_int_equal(hashes.len, 32 * (size_t)t.width);
        for (size_t i = 0; i < t.width; i++) {
            struct hash leaf;
            struct stored rows[PROOF_HASHES_MAX];
            assert_memory_equal(b.ptr + 35 * i, "\0\x21\x01", 3);
            proof_leaf(b.ptr + 35 * i + 2, 33, &leaf);
            assert_memory_equal(leaf.b, hashes.ptr + 32 * i, 32);
            (void)proof_append(&f, &leaf, rows);
        }
        if (f.size == TILE_WIDTH)
            proof_root(&f, &level1);
    }
    struct hash root;
    proof_root(&f, &root);
    assert_memory_equal(root.b, head.root.b, HASH_BYTES);
    const struct tile upper = {.level = 1, .n = 0, .width = 1};
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    assert_int_equal(tile_read(kit.db, &arena, &upper, &b), ERR_OK);
    assert_memory_equal(b.ptr, level1.b, 32);
}

/* ---- a signer that fails
 * ---------------------------------------------------------------------------- */

static enum err dead_head(void *ctx, struct log_head *ret_head)
{
    (void)ctx;
    (void)ret_head;
    return ERR_BUSY;
}

static enum err dead_sign(void *ctx, uint64_t size, const struct hash *root,
                          const struct proof *consistency, struct log_head *ret_head)
{
    (void)ctx;
    (void)size;
    (void)root;
    (void)consistency;
    (void)ret_head;
    return ERR_BUSY;
}

static void test_a_dead_signer_stops_nobody(void **state)
{
    (void)state;
    struct log_head before;
    log_newest(kit.log, &before);
    kit.signer.head = dead_head;
    kit.signer.sign = dead_sign;
    struct kit_raise r = raise_one(true, 2);
    assert_true(r.id.v > 0);
    struct log_head head;
    assert_int_equal(log_wait(kit.log, before.size + 1, 5, &head), ERR_BUSY);
    assert_null(log_refusal(kit.log));
    kit_close(&kit);
    kit_open(&kit); /* signs what was left */
    log_newest(kit.log, &head);
    assert_true(head.size == before.size + 2);
}

/* The signer has a thread of its own when the log is given the folder. */
static void test_the_signers_thread_follows_the_writer(void **state)
{
    (void)state;
    struct kit other;
    kit_make(&other);
    other.with_thread = true;
    kit_open(&other);
    struct log_head head;
    for (int i = 1; i <= 20; i++) {
        struct kit_raise r = {.events = 1};
        assert_int_equal(kit_raise(&other, &r), ERR_OK);
    }
    assert_int_equal(log_wait(other.log, 20, 10000, &head), ERR_OK);
    assert_true(head.size == 20);
    kit_close(&other);
    kit_remove(&other);
}

/* ---- audit
 * ------------------------------------------------------------------------------------------ */

struct seen {
    int64_t count;
    struct audit_fault first;
    unsigned kinds; /* bits */
};

static void on_fault(void *ctx, const struct audit_fault *f)
{
    struct seen *s = ctx;
    if (s->count++ == 0)
        s->first = *f;
    s->kinds |= 1U << f->kind;
}

static struct seen audit(struct audit_result *ret_result)
{
    struct seen seen = {.count = 0};
    struct log_head head;
    struct audit_result result;
    assert_int_equal(keeper_log_head(kit.keeper, &head), KEEPER_OK);
    const struct audit_setup setup = {.origin = kit.house.origin,
                                      .keys = kit.house.keys,
                                      .log_public_key = keeper_signer(kit.keeper)->public_key,
                                      .head = &head,
                                      .on_fault = on_fault,
                                      .ctx = &seen};
    assert_int_equal(log_audit(kit.db, &setup, &result), ERR_OK);
    assert_true(result.faults == seen.count);
    if (ret_result != NULL)
        *ret_result = result;
    return seen;
}

static void test_a_sound_log_has_no_fault(void **state)
{
    (void)state;
    struct audit_result r;
    struct seen s = audit(&r);
    if (s.count > 0)
        fail_msg("%s at %lld", audit_fault_key(s.first.kind), (long long)s.first.index);
    assert_true(r.size > 32 && r.padding >= 32 && r.events > 30 && r.checkpoints > 0);
    struct log_head head;
    log_newest(kit.log, &head);
    assert_memory_equal(r.root.b, head.root.b, HASH_BYTES);
}

/* Runs in a job that is rolled back, so that each crime starts from a sound log. */
struct crime {
    enum err (*commit)(struct tx *tx, const struct kit_raise *victim);
    enum audit_fault_kind kind;
    const struct kit_raise *victim;
    struct seen seen;
};

static enum err crime_job(struct tx *tx, void *ctx)
{
    struct crime *c = ctx;
    TRY(c->commit(tx, c->victim));
    c->seen = audit(NULL);
    return ERR_REFUSED;
}

static enum err change_text(struct tx *tx, const struct kit_raise *v)
{
    size_t count = 0;
    struct event *e = load(v, &count);
    char *bytes = arena_copy(&arena, e[1].text.ptr, e[1].text.len);
    bytes[e[1].text.len - 3] ^= 1;
    return kit_event_text_set(tx->db, v->id, 2, str_make(bytes, e[1].text.len));
}

static enum err swap_texts(struct tx *tx, const struct kit_raise *v)
{
    size_t count = 0;
    struct event *e = load(v, &count);
    return kit_event_text_set(tx->db, v->id, 2, e[2].text);
}

static enum err change_payload(struct tx *tx, const struct kit_raise *v)
{
    return kit_event_payload_set(tx->db, v->id, 3, STR("{\"text\":\"the stairs have a light\"}"));
}

static enum err take_text_away(struct tx *tx, const struct kit_raise *v)
{
    return kit_event_text_set(tx->db, v->id, 1, str_make("", 0));
}

static enum err delete_events(struct tx *tx, const struct kit_raise *v)
{
    return kit_event_delete(tx->db, v->id);
}

static enum err delete_matter(struct tx *tx, const struct kit_raise *v)
{
    TRY(kit_event_delete(tx->db, v->id));
    return kit_dossier_delete(tx->db, v->id);
}

static enum err delete_last_event(struct tx *tx, const struct kit_raise *v)
{
    return kit_event_delete_one(tx->db, v->id, 3);
}

static enum err change_hash(struct tx *tx, const struct kit_raise *v)
{
    (void)v;
    uint8_t h[32] = {1};
    return kit_hash_set(tx->db, 2, str_make(h, sizeof h)); /* the first inner node */
}

static enum err change_entry(struct tx *tx, const struct kit_raise *v)
{
    size_t count = 0;
    struct event *e = load(v, &count);
    uint8_t entry[33] = {1, 2, 3};
    return kit_entry_set(tx->db, e[0].leaf, str_make(entry, sizeof entry));
}

static enum err change_root(struct tx *tx, const struct kit_raise *v)
{
    (void)v;
    uint8_t root[32] = {1};
    return kit_checkpoint_set(tx->db, str_make(root, sizeof root));
}

static enum err insert_event(struct tx *tx, const struct kit_raise *v)
{
    size_t count = 0;
    struct event *e = load(v, &count);
    return kit_event_forge(tx->db, v->id, 4, e[2].text, INT64_C(1) << 40);
}

static void test_changes_behind_the_programs_back_are_named(void **state)
{
    (void)state;
    struct kit_raise open = raise_one(false, 3);
    struct kit_raise sealed = raise_one(true, 3);
    bool always = false;
    assert_int_equal(writer_call(kit.writer, pad_job, &always, &kit.info), ERR_OK);
    assert_int_equal(writer_call(kit.writer, publish_job, NULL, &kit.info), ERR_OK);
    const struct crime crimes[] = {
        {change_text, AUDIT_TEXT, &open, {0}},
        {change_text, AUDIT_TEXT, &sealed, {0}},
        {swap_texts, AUDIT_TEXT, &open, {0}},
        {change_payload, AUDIT_BODY, &open, {0}},
        {change_payload, AUDIT_TEXT, &sealed, {0}},
        {take_text_away, AUDIT_SHREDDED, &open, {0}},
        {delete_events, AUDIT_UNEXPLAINED, &open, {0}},
        {delete_matter, AUDIT_UNEXPLAINED, &sealed, {0}},
        {delete_last_event, AUDIT_UNEXPLAINED, &open, {0}},
        {delete_last_event, AUDIT_DOSSIER, &open, {0}},
        {change_hash, AUDIT_HASH, &open, {0}},
        {change_entry, AUDIT_HASH, &open, {0}},
        {change_entry, AUDIT_TEXT, &open, {0}},
        {change_root, AUDIT_CHECKPOINT, &open, {0}},
        {insert_event, AUDIT_UNEXPLAINED, &open, {0}},
    };
    for (size_t i = 0; i < sizeof crimes / sizeof *crimes; i++) {
        struct crime c = crimes[i];
        assert_int_equal(writer_call(kit.writer, crime_job, &c, NULL), ERR_REFUSED);
        if ((c.seen.kinds >> c.kind & 1) == 0)
            fail_msg("crime %zu: %s was not found (bits %x)", i, audit_fault_key(c.kind),
                     c.seen.kinds);
    }
    assert_int_equal(audit(NULL).count, 0);
}

/* The rows can be made to agree with each other, but not with what was signed. */
static void test_a_rewritten_history_does_not_match_the_signed_head(void **state)
{
    (void)state;
    struct kit other;
    struct audit_result r;
    kit_make(&other);
    kit_open(&other);
    struct kit_raise one = {.events = 3};
    assert_int_equal(kit_raise(&other, &one), ERR_OK);
    struct log_head wrong;
    assert_int_equal(keeper_log_head(other.keeper, &wrong), KEEPER_OK);
    wrong.root.b[0] ^= 1;
    struct seen seen = {.count = 0};
    struct audit_setup setup = {.origin = other.house.origin,
                                .keys = other.house.keys,
                                .head = &wrong,
                                .on_fault = on_fault,
                                .ctx = &seen};
    assert_int_equal(log_audit(other.db, &setup, &r), ERR_OK);
    assert_true(seen.count == 1 && seen.first.kind == AUDIT_HEAD);
    wrong.size = 100; /* ahead of the database: it was restored */
    seen = (struct seen){.count = 0};
    assert_int_equal(log_audit(other.db, &setup, &r), ERR_OK);
    assert_true(seen.count == 1 && seen.first.kind == AUDIT_HEAD);
    kit_close(&other);
    kit_remove(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_of_open_and_sealed_dossiers_chain),
        cmocka_unit_test(test_a_refused_job_leaves_no_leaf),
        cmocka_unit_test(test_savepoints_within_a_batch),
        cmocka_unit_test(test_every_event_is_proved_under_the_signed_head),
        cmocka_unit_test(test_rows_of_a_large_batch_are_all_there),
        cmocka_unit_test(test_slots_are_padded_and_published),
        cmocka_unit_test(test_a_slot_under_load_is_still_a_multiple),
        cmocka_unit_test(test_the_stream_of_the_system_goes_on_after_a_restart),
        cmocka_unit_test(test_a_dead_signer_stops_nobody),
        cmocka_unit_test(test_the_signers_thread_follows_the_writer),
        cmocka_unit_test(test_tile_addresses_have_one_spelling),
        cmocka_unit_test(test_the_root_follows_from_the_tiles),
        cmocka_unit_test(test_a_sound_log_has_no_fault),
        cmocka_unit_test(test_changes_behind_the_programs_back_are_named),
        cmocka_unit_test(test_a_rewritten_history_does_not_match_the_signed_head),
    };
    return cmocka_run_group_tests(tests, open_kit, close_kit);
}
