/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "spine/event.h"
#include "spine/field.h"
#include "spine/note.h"
#include "spine/proof.h"

#include <string.h>

/* The event of the design's golden vectors. */
static const char TEXT[] = "huiyin-event/v1\n"
                           "log log.example.org/huiyin\n"
                           "matter 3f9c0a7be1d24c55a8f0c1b2d3e4f506\n"
                           "seq 1\n"
                           "prev -\n"
                           "time 2026-03-02\n"
                           "type matter.received\n"
                           "actor person\n"
                           "body GvqLNAmtXxc+eAGuJXv4SivdFH+Pr12TexzhyXgLM5c=\n"
                           "attr kind safety\n"
                           "attr lang en\n";
static const char BODY[] = "The stairs at gate 4 have had no light since Monday.\n";

static void check_hex(const void *bytes, size_t len, const char *hex)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    buf_hex(&b, bytes, len);
    check_str(buf_view(&b), hex);
}

static void test_golden_commitments(void **state)
{
    (void)state;
    uint8_t salt[32];
    uint8_t bsalt[32];
    memset(salt, 10, sizeof salt);
    memset(bsalt, 20, sizeof bsalt);
    struct hash h;
    event_body(bsalt, str_of(BODY), &h);
    check_hex(h.b, 32, "1afa8b3409ad5f173e7801ae257bf84a2bdd147f8faf5d937b1ce1c9780b3397");
    event_commit(salt, str_of(TEXT), &h);
    check_hex(h.b, 32, "a878abe7fe4e624449970e440995b72203f49fa14a8be1d0f900154f20f47896");
    uint8_t entry[EVENT_ENTRY_BYTES];
    event_entry(&h, entry);
    proof_leaf(entry, sizeof entry, &h);
    check_hex(h.b, 32, "72cd280601ab91dd4a655a9826108eef24cf51eb1b679d9f0300865006c55fbf");
    uint8_t mlk[KEY_BYTES];
    memset(mlk, 3, sizeof mlk);
    event_salt(mlk, 1, salt);
    check_hex(salt, 32, "817631cb48692835efb4948f15172b243cb72cc9fc2d081fb750660ac3259986");
}

static void test_a_canonical_text_goes_round(void **state)
{
    (void)state;
    struct event_text e;
    assert_int_equal(event_parse(str_of(TEXT), &e, NULL), ERR_OK);
    check_str(e.origin, "log.example.org/huiyin");
    assert_true(e.seq == 1 && !e.has_prev && e.date_only && e.has_body);
    check_str(e.type, "matter.received");
    check_str(event_attr(&e, STR("lang")), "en");
    assert_true(str_is_null(event_attr(&e, STR("none"))));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    assert_int_equal(event_format(&e, &b, NULL), ERR_OK);
    check_str(buf_view(&b), TEXT);
}

static void replace(struct buf *b, const char *from, const char *to)
{
    struct str t = str_of(TEXT);
    size_t at = str_find(t, str_of(from));
    assert_true(at != SIZE_MAX);
    buf_str(b, str_sub(t, 0, at));
    buf_c(b, to);
    buf_str(b, str_sub(t, at + strlen(from), t.len));
}

static void test_there_is_one_spelling(void **state)
{
    (void)state;
    static const char *const BAD[][2] = {
        {"huiyin-event/v1\n", "huiyin-event/v2\n"},
        {"huiyin-event/v1\n", "\n"},
        {"log log.example.org/huiyin", "log log.example.org /huiyin"},
        {"log log.example.org/huiyin", "log "},
        {"3f9c0a7b", "3F9C0A7B"},
        {"3f9c0a7b", "3f9c0a7"},
        {"seq 1\n", "seq 0\n"},
        {"seq 1\n", "seq 01\n"},
        {"seq 1\n", "seq 2\n"}, /* needs a prev */
        {"seq 1\n", "seq +1\n"},
        {"prev -\n", "prev cs0oBgGrkd1KZVqYJhCO7yTPUesbZ52fAwCGUAbFX78=\n"},
        {"time 2026-03-02\n", "time 2026-02-30\n"},
        {"time 2026-03-02\n", "time 2026-03-02T10:00:00Z\n"}, /* a person has a date only */
        {"actor person\n", "actor system\n"},                 /* all others have seconds */
        {"actor person\n", "actor Li Wei\n"},
        {"actor person\n", "actor role:\n"},
        {"type matter.received\n", "type matter\n"},
        {"type matter.received\n", "type matter.received.\n"},
        {"type matter.received\n", "type Matter.received\n"},
        {"LM5c=\n", "LM5c\n"},
        {"LM5c=\n", "LM5d=\n"}, /* trailing bits */
        {"attr kind safety\n", "attr kind safety \n"},
        {"attr kind safety\n", "attr kind  safety\n"},
        {"attr kind safety\n", "attr kind\n"},
        {"attr kind safety\n", "attr kind saf\tety\n"},
        {"attr kind safety\n", "attr kind safety\r\n"},
        {"attr kind safety\n", "attr kind \xFF\n"},
        {"attr kind safety\n", "attr Kind safety\n"},
        {"attr kind safety\n", "attr zz safety\n"}, /* order */
        {"attr kind safety\n", "attr lang en\n"},   /* twice */
        {"attr lang en\n", "attr lang en"},
        {"attr lang en\n", "attr lang en\n\n"},
        {"attr lang en\n", "note lang en\n"},
        {"attr lang en\n", "attr lang \xEF\xBF\xBF\n"}, /* a noncharacter */
        {"log log.example.org/huiyin", "log log.example.org/h\xC3\xBC"},
        {"log log.example.org/huiyin", "log log.example.org+huiyin"},
        {"attr kind safety\n", "attr 1kind safety\n"},
        {"attr kind safety\n", "attr kind\x01 safety\n"},
        {"attr kind safety\n", "attr  safety\n"},
        {"type matter.received\n", "type matter..received\n"},
    };
    struct event_text e;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 8192);
        replace(&b, BAD[i][0], BAD[i][1]);
        if (event_parse(buf_view(&b), &e, NULL) != ERR_INVALID)
            fail_msg("accepted: %s", BAD[i][1]);
    }
    for (size_t len = 0; len < sizeof TEXT - 1; len++) {
        struct str part = str_make(TEXT, len);
        bool whole_lines = str_ends(part, STR("=\n")) || str_ends(part, STR("safety\n"));
        assert_true((event_parse(part, &e, NULL) == ERR_OK) == whole_lines);
    }
}

static void test_what_is_too_long_or_too_much_is_refused(void **state)
{
    (void)state;
    struct event_text e;
    char word[4096];
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 16);
    memset(word, 'a', sizeof word);
    struct {
        const char *was;
        const char *form;
        int len;
    } const LONG[] = {{"log log.example.org/huiyin\n", "log %.*s\n", 201},
                      {"type matter.received\n", "type a.%.*s\n", 63},
                      {"attr kind safety\n", "attr %.*s safety\n", 65},
                      {"attr kind safety\n", "attr kind %.*s\n", 3000}};
    for (size_t i = 0; i < sizeof LONG / sizeof *LONG; i++) {
        char line[4096];
        char *at = line + snprintf(line, sizeof line, "%.*s", (int)strcspn(LONG[i].form, "%"),
                                   LONG[i].form);
        memcpy(at, word, (size_t)LONG[i].len);
        (void)snprintf(at + LONG[i].len, 64, "%s", strstr(LONG[i].form, "%.*s") + 4);
        buf_clear(&b);
        replace(&b, LONG[i].was, line);
        assert_int_equal(event_parse(buf_view(&b), &e, NULL), ERR_INVALID);
    }
    buf_clear(&b);
    buf_c(&b, TEXT);
    for (int i = 0; i < EVENT_ATTRS_MAX; i++)
        buf_printf(&b, "attr m%c x\n", 'a' + i);
    assert_int_equal(event_parse(buf_view(&b), &e, NULL), ERR_INVALID);
    assert_int_equal(event_parse(str_of(TEXT), &e, NULL), ERR_OK);
    assert_true(str_is_null(event_attr(&e, STR("nobody"))));
    buf_clear(&b);
    e.attr_count = EVENT_ATTRS_MAX + 1;
    assert_int_equal(event_format(&e, &b, NULL), ERR_INVALID);
    e.attr_count = 0;
    e.seq = 0;
    assert_int_equal(event_format(&e, &b, NULL), ERR_INVALID);
}

static void test_a_time_before_1970_has_its_own_day(void **state)
{
    (void)state;
    struct event_text e;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 8192);
    buf_c(&b, "huiyin-event/v1\nlog a\nmatter 3f9c0a7be1d24c55a8f0c1b2d3e4f506\nseq 1\nprev -\n"
              "time 1969-12-31T23:00:00Z\ntype a.b\nactor system\nbody -\n");
    assert_int_equal(event_parse(buf_view(&b), &e, NULL), ERR_OK);
    assert_int_equal(e.day, -1);
}

static void test_seconds_prev_and_no_body(void **state)
{
    (void)state;
    static const char LATER[] = "huiyin-event/v1\n"
                                "log log.example.org/huiyin\n"
                                "matter 3f9c0a7be1d24c55a8f0c1b2d3e4f506\n"
                                "seq 2\n"
                                "prev cs0oBgGrkd1KZVqYJhCO7yTPUesbZ52fAwCGUAbFX78=\n"
                                "time 2026-03-02T10:15:00Z\n"
                                "type matter.routed\n"
                                "actor role:ombuds.custodian\n"
                                "body -\n"
                                "attr to \xE5\x8A\x9E office\n";
    struct event_text e;
    assert_int_equal(event_parse(str_of(LATER), &e, NULL), ERR_OK);
    assert_true(e.has_prev && !e.has_body && !e.date_only);
    assert_true(e.at_us == INT64_C(1772446500) * 1000000 && e.day == 20514);
    check_str(event_attr(&e, STR("to")), "\xE5\x8A\x9E office");
}

static void test_a_draft_that_breaks_a_rule_is_named(void **state)
{
    (void)state;
    struct event_text e;
    assert_int_equal(event_parse(str_of(TEXT), &e, NULL), ERR_OK);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 16);
    struct err_info info = {0};
    e.attrs[1].value = STR("two\nlines");
    assert_int_equal(event_format(&e, &b, &info), ERR_INVALID);
    assert_non_null(strstr(info.detail, "attr"));
    static char big[2000];
    memset(big, 'x', sizeof big);
    e.attrs[1].value = str_make(big, sizeof big);
    assert_int_equal(event_format(&e, &b, &info), ERR_LIMIT);
}

static void test_a_field_opens_at_its_place_only(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    struct key32 mdk = {{5}};
    struct key32 key;
    struct key32 other;
    field_key(&mdk, FIELD_MATTER, FIELD_MATTER_TEXT, &key);
    field_key(&mdk, FIELD_MATTER, FIELD_MATTER_TITLE, &other);
    const struct field_place at = {{{1, 2}}, FIELD_MATTER, FIELD_MATTER_TEXT, 9};
    struct str blob;
    struct str again;
    struct str plain;
    assert_int_equal(field_seal(&a, &key, &at, STR("words"), &blob), ERR_OK);
    assert_int_equal(field_seal(&a, &key, &at, STR("words"), &again), ERR_OK);
    assert_false(str_eq(blob, again)); /* a fresh nonce each time */
    assert_int_equal(blob.len, FIELD_OVERHEAD_BYTES + 5);
    assert_int_equal(blob.ptr[0], 1);
    assert_int_equal(field_open(&a, &key, &at, blob, &plain), ERR_OK);
    check_str(plain, "words");
    assert_int_equal(field_open(&a, &other, &at, blob, &plain), ERR_CORRUPT);
    struct field_place moved = at;
    moved.row = 10;
    assert_int_equal(field_open(&a, &key, &moved, blob, &plain), ERR_CORRUPT);
    moved = at;
    moved.column = FIELD_MATTER_TITLE;
    assert_int_equal(field_open(&a, &key, &moved, blob, &plain), ERR_CORRUPT);
    moved = at;
    moved.id16.b[15] = 1;
    assert_int_equal(field_open(&a, &key, &moved, blob, &plain), ERR_CORRUPT);
    for (size_t i = 0; i < blob.len; i++)
        assert_int_equal(field_open(&a, &key, &at, str_sub(blob, 0, i), &plain), ERR_CORRUPT);
}

/* ---- checkpoints ------------------------------------------------------------------------------
 */

static const char CHECKPOINT[] =
    "log.example.org/huiyin\n9\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n"
    "\xE2\x80\x94 log.example.org/huiyin "
    "gQzHLRpRIsH1N3/P2wNpCFtziM3cFEwv3yTeBhD7bP908TsspCIKa1xuNYKUWJY0YowtqL5pxoz4LDJ+"
    "cy40VrgHwAM=\n"
    "\xE2\x80\x94 union.example.net/w1 "
    "HVccHAAAAABpprEgha8EuA9WuuxU3F8V5eBJhz8YC5qbeOgaWdX4hIJCMrEFuUMSpPpCKuocJkM6J3qM"
    "Q2CvmRRc3mQuxNgYqQpaBA==\n";

static void test_a_checkpoint_with_a_witness(void **state)
{
    (void)state;
    struct note_key log;
    struct note_key witness;
    assert_true(note_key_parse(STR("log.example.org/huiyin+810cc72d+"
                                   "AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"),
                               &log));
    assert_true(note_key_parse(STR("union.example.net/w1+1d571c1c+"
                                   "BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"),
                               &witness));
    struct checkpoint c;
    assert_int_equal(note_parse(str_of(CHECKPOINT), &c), ERR_OK);
    assert_true(c.size == 9 && c.sig_count == 2);
    int64_t at = 0;
    assert_int_equal(note_check(&c, &log, NULL), NOTE_SIGNED);
    assert_int_equal(note_check(&c, &witness, &at), NOTE_SIGNED);
    assert_true(at == 1772532000);
    log.pub[0] ^= 1;
    assert_int_equal(note_check(&c, &log, NULL), NOTE_FORGED);
    log.id[0] ^= 1;
    assert_int_equal(note_check(&c, &log, NULL), NOTE_UNSIGNED);
}

static void test_our_own_checkpoint_is_the_same_bytes(void **state)
{
    (void)state;
    uint8_t seed[KEY_BYTES];
    uint8_t pub[KEY_BYTES];
    memset(seed, 1, sizeof seed);
    crypt_sign_public(seed, pub);
    struct note_key log;
    note_key_init(&log, STR("log.example.org/huiyin"), NOTE_ED25519, pub);
    struct log_head head = {.size = 9};
    size_t len = 0;
    assert_true(
        str_from_b64(STR("vyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c="), head.root.b, 32, &len));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    note_body(log.name, head.size, &head.root, &b);
    crypt_sign(seed, buf_view(&b), head.sig);
    buf_clear(&b);
    note_checkpoint(&log, &head, &b);
    assert_true(str_starts(str_of(CHECKPOINT), buf_view(&b)));
    buf_clear(&b);
    note_key_format(&log, &b);
    check_str(buf_view(&b), "log.example.org/huiyin+810cc72d+"
                            "AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c");
}

/* The key of the specification's own example. */
static void test_the_example_of_the_note_specification(void **state)
{
    (void)state;
    struct note_key k;
    assert_true(note_key_parse(
        STR("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"), &k));
    assert_false(note_key_parse(
        STR("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"), &k));
    assert_false(note_key_parse(
        STR("example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"), &k));
}

static void test_a_name_has_no_blank_of_any_script(void **state)
{
    (void)state;
    static const char *const BLANKS[] = {"\x7F",
                                         "\xC2\x85",
                                         "\xC2\xA0",
                                         "\xE1\x9A\x80",
                                         "\xE2\x80\x80",
                                         "\xE2\x80\x8A",
                                         "\xE2\x80\xA8",
                                         "\xE2\x80\xA9",
                                         "\xE2\x80\xAF",
                                         "\xE2\x81\x9F",
                                         "\xE3\x80\x80",
                                         "\t",
                                         " "};
    struct checkpoint c;
    struct note_key k;
    for (size_t i = 0; i < sizeof BLANKS / sizeof *BLANKS; i++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 4096);
        buf_printf(&b, "a%s+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", BLANKS[i]);
        assert_false(note_key_parse(buf_view(&b), &k));
        buf_clear(&b);
        buf_printf(&b,
                   "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n"
                   "\xE2\x80\x94 a%s AAAAAAAA\n",
                   BLANKS[i]);
        assert_int_equal(note_parse(buf_view(&b), &c), ERR_INVALID);
    }
    static const char *const KEYS[] = {"",
                                       "a",
                                       "a+530d903a",
                                       "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                                       "a+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                                       "a+530d903g+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                                       "a+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
                                       "a+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==",
                                       "a+530d903a+A+kyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        assert_false(note_key_parse(str_of(KEYS[i]), &k));
}

/* A checkpoint of one line of signature with that many bytes after the key id. */
static void put_note(struct buf *b, const struct note_key *k, const uint8_t *sig, size_t len,
                     size_t times)
{
    static uint8_t raw[8192];
    memcpy(raw, k->id, sizeof k->id);
    memcpy(raw + sizeof k->id, sig, len);
    buf_c(b, "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n");
    for (size_t i = 0; i < times; i++) {
        buf_printf(b, "\xE2\x80\x94 " STR_FMT " ", STR_ARG(k->name));
        buf_b64(b, raw, len + sizeof k->id);
        buf_char(b, '\n');
    }
}

static void test_a_signature_of_another_length_is_forged(void **state)
{
    (void)state;
    static const uint8_t sig[7000] = {0x80};
    const uint8_t pub[KEY_BYTES] = {1};
    struct note_key log;
    struct note_key witness;
    struct checkpoint c;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    note_key_init(&log, STR("a"), NOTE_ED25519, pub);
    note_key_init(&witness, STR("a"), NOTE_COSIGNATURE, pub);
    const struct note_key *const keys[] = {&log, &witness};
    const size_t lens[] = {1, SIG_BYTES, SIG_BYTES + 8, SIG_BYTES + 9, 5000};
    for (size_t i = 0; i < 2 * sizeof lens / sizeof *lens; i++) {
        buf_clear(&b);
        put_note(&b, keys[i % 2], sig, lens[i / 2], 1);
        assert_int_equal(note_parse(buf_view(&b), &c), ERR_OK);
        assert_int_equal(note_check(&c, keys[i % 2], NULL), NOTE_FORGED);
        assert_int_equal(note_check(&c, keys[1 - i % 2], NULL), NOTE_UNSIGNED);
    }
    buf_clear(&b);
    put_note(&b, &log, sig, SIG_BYTES, NOTE_SIGS_MAX);
    assert_int_equal(note_parse(buf_view(&b), &c), ERR_OK);
    buf_clear(&b);
    put_note(&b, &log, sig, SIG_BYTES, NOTE_SIGS_MAX + 1);
    assert_int_equal(note_parse(buf_view(&b), &c), ERR_INVALID);
    buf_clear(&b);
    put_note(&b, &log, sig, 6500, 1); /* a line of more than 8 KiB */
    assert_int_equal(note_parse(buf_view(&b), &c), ERR_INVALID);
    buf_clear(&b);
    put_note(&b, &log, sig, 5000, 12); /* more than 64 KiB */
    assert_int_equal(note_parse(buf_view(&b), &c), ERR_INVALID);
}

static void test_broken_notes_are_refused(void **state)
{
    (void)state;
    struct checkpoint c;
    static const char *const BAD[] = {
        "",
        "a\n1\n",
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n",
        "a\n01\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "a\n-1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "a\n9223372036854775807\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n"
        "\xE2\x80\x94 a AAAAAAAA\n",
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\nx\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n- a AAAAAAAA\n",
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a AAAA\n",
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a+b AAAAAAAA\n",
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a AAAAAAAA",
        "\xFF\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "a\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "a\n1\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "a\n1\nvyFp\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "a\n-0\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "a\nx\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a AAAAAAAA\n",
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a\n",
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a ?AAA\n",
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\n",
        "a\r\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a AAAAAAAA\n",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (note_parse(str_of(BAD[i]), &c) != ERR_INVALID)
            fail_msg("accepted: %s", BAD[i]);
    static const char GOOD[] =
        "a\n1\nvyFphN6OiYV1RCQtGSTI8HiPi18/kX3lu3g40osO4+c=\n\n\xE2\x80\x94 a AAAAAAAA\n";
    assert_int_equal(note_parse(str_of(GOOD), &c), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_commitments),
        cmocka_unit_test(test_a_canonical_text_goes_round),
        cmocka_unit_test(test_there_is_one_spelling),
        cmocka_unit_test(test_what_is_too_long_or_too_much_is_refused),
        cmocka_unit_test(test_a_time_before_1970_has_its_own_day),
        cmocka_unit_test(test_seconds_prev_and_no_body),
        cmocka_unit_test(test_a_draft_that_breaks_a_rule_is_named),
        cmocka_unit_test(test_a_field_opens_at_its_place_only),
        cmocka_unit_test(test_a_checkpoint_with_a_witness),
        cmocka_unit_test(test_our_own_checkpoint_is_the_same_bytes),
        cmocka_unit_test(test_the_example_of_the_note_specification),
        cmocka_unit_test(test_a_name_has_no_blank_of_any_script),
        cmocka_unit_test(test_a_signature_of_another_length_is_forged),
        cmocka_unit_test(test_broken_notes_are_refused),
    };
    if (crypt_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
