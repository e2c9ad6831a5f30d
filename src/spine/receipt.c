/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/receipt.h"

#include "base/mem.h"

#include <string.h>

static const char FIRST_LINE[] = "c2sp.org/tlog-proof@v1";
enum { SALT_AT = 1, TEXT_AT = 33 };

/* ---- receipts ----------------------------------------------------------------------------------
 */

void receipt_format(const struct receipt *r, struct buf *ret_file)
{
    buf_c(ret_file, FIRST_LINE);
    buf_char(ret_file, '\n');
    if (r->has_event) {
        buf_c(ret_file, "extra ");
        buf_b64(ret_file, r->extra, r->extra_len);
        buf_char(ret_file, '\n');
    }
    buf_c(ret_file, "index ");
    buf_i64(ret_file, (int64_t)r->index);
    buf_char(ret_file, '\n');
    for (size_t i = 0; i < r->path.count; i++) {
        buf_b64(ret_file, r->path.h[i].b, HASH_BYTES);
        buf_char(ret_file, '\n');
    }
    buf_char(ret_file, '\n');
    buf_str(ret_file, r->note);
}

/* The next line without its LF; false when there is no whole one. */
static bool take_line(struct str *rest, struct str *ret_line)
{
    size_t end = str_find(*rest, STR("\n"));
    if (end == SIZE_MAX)
        return false;
    *ret_line = str_sub(*rest, 0, end);
    *rest = str_sub(*rest, end + 1, rest->len);
    return true;
}

/* A decimal number in its one spelling. */
static bool parse_number(struct str s, uint64_t *ret_number)
{
    int64_t n = 0;
    if (!str_to_i64(s, 0, INT64_MAX, &n) || s.ptr[0] == '-' || (s.len > 1 && s.ptr[0] == '0'))
        return false;
    *ret_number = (uint64_t)n;
    return true;
}

static bool parse_hash(struct str s, struct hash *ret_hash)
{
    size_t len = 0;
    return str_from_b64(s, ret_hash->b, HASH_BYTES, &len) && len == HASH_BYTES;
}

static bool parse_extra(struct str line, struct receipt *r)
{
    struct str b64 = str_sub(line, 6, line.len);
    r->has_event = true;
    return str_from_b64(b64, r->extra, sizeof r->extra, &r->extra_len) && r->extra_len > TEXT_AT &&
           r->extra[0] == 1;
}

enum err receipt_parse(struct str file, struct receipt *ret_receipt)
{
    struct receipt *r = ret_receipt;
    struct str rest = file;
    struct str line = STR_NULL;
    *r = (struct receipt){.has_event = false};
    if (file.len > RECEIPT_BYTES_MAX || !take_line(&rest, &line) || !str_eq_c(line, FIRST_LINE) ||
        !take_line(&rest, &line))
        return ERR_INVALID;
    if (str_starts(line, STR("extra ")) && (!parse_extra(line, r) || !take_line(&rest, &line)))
        return ERR_INVALID;
    if (!str_starts(line, STR("index ")) || !parse_number(str_sub(line, 6, line.len), &r->index))
        return ERR_INVALID;
    for (;;) {
        if (!take_line(&rest, &line))
            return ERR_INVALID;
        if (line.len == 0)
            break;
        if (r->path.count == PROOF_HASHES_MAX || !parse_hash(line, &r->path.h[r->path.count]))
            return ERR_INVALID;
        r->path.count++;
    }
    r->note = rest;
    return note_parse(rest, &r->head);
}

struct str receipt_text(const struct receipt *r)
{
    return r->has_event ? str_make(r->extra + TEXT_AT, r->extra_len - TEXT_AT) : STR_NULL;
}

/* The leaf of a text under its salt. */
static void leaf_of(const uint8_t salt[32], struct str text, struct hash *ret_leaf)
{
    struct hash commit;
    uint8_t entry[EVENT_ENTRY_BYTES];
    event_commit(salt, text, &commit);
    event_entry(&commit, entry);
    proof_leaf(entry, sizeof entry, ret_leaf);
}

bool receipt_leaf(const struct receipt *r, struct hash *ret_leaf)
{
    if (r->has_event)
        leaf_of(r->extra + SALT_AT, receipt_text(r), ret_leaf);
    return r->has_event;
}

bool receipt_is_included(const struct receipt *r, const struct hash *leaf)
{
    return proof_check_inclusion(leaf, r->index, r->head.size, &r->head.root, r->path.h,
                                 r->path.count);
}

void receipt_paper_line(uint64_t index, const struct hash *leaf, struct buf *ret_line)
{
    buf_i64(ret_line, (int64_t)index);
    for (size_t i = 0; i < 10; i++)
        buf_printf(ret_line, "%s%02X", i == 0 ? " " : i % 2 == 0 ? "-" : "", leaf->b[i]);
}

/* ---- histories ---------------------------------------------------------------------------------
 */

/* "open <salt> <text>" or "closed <leaf hash>". */
static const char *parse_state(struct arena *a, struct str rest, struct history_event *e)
{
    struct str word = STR_NULL;
    struct str salt_b64 = STR_NULL;
    (void)str_cut(&rest, ' ', &word);
    if (str_eq_c(word, "closed"))
        return parse_hash(rest, &e->leaf) ? NULL : "a closed event without its hash";
    uint8_t salt[32];
    size_t len = 0;
    if (!str_eq_c(word, "open") || !str_cut(&rest, ' ', &salt_b64) ||
        !str_from_b64(salt_b64, salt, sizeof salt, &len) || len != sizeof salt)
        return "an event that is neither open nor closed";
    uint8_t *text = arena_alloc(a, EVENT_TEXT_BYTES_MAX);
    if (text == NULL || !str_from_b64(rest, text, EVENT_TEXT_BYTES_MAX, &len))
        return "an event's text is not base64";
    e->is_open = true;
    e->text = str_make(text, len);
    leaf_of(salt, e->text, &e->leaf);
    return event_parse(e->text, &e->parsed, NULL) == ERR_OK ? NULL : "an event is not canonical";
}

static const char *parse_event(struct arena *a, struct str line, struct history_event *e)
{
    struct str rest = str_sub(line, 6, line.len);
    struct str seq = STR_NULL;
    struct str index = STR_NULL;
    uint64_t n = 0;
    if (!str_starts(line, STR("event ")) || !str_cut(&rest, ' ', &seq) ||
        !str_cut(&rest, ' ', &index) || !parse_number(seq, &n) || n == 0 ||
        !parse_number(index, &e->index))
        return "a line that is no event";
    e->seq = (int64_t)n;
    return parse_state(a, rest, e);
}

static const char *parse_head(struct str *rest, struct history *h)
{
    struct str line = STR_NULL;
    if (!take_line(rest, &line) || !str_eq_c(line, "huiyin-history/v1"))
        return "not a huiyin-history/v1 file";
    if (!take_line(rest, &line) || !str_starts(line, STR("log ")))
        return "the log is not named";
    h->origin = str_sub(line, 4, line.len);
    if (!take_line(rest, &line) || line.len != 7 + 2 * ID16_BYTES ||
        !str_starts(line, STR("matter ")) ||
        !str_from_hex(str_sub(line, 7, line.len), h->id16.b, ID16_BYTES))
        return "the matter is not named";
    return NULL;
}

enum err history_parse(struct arena *a, struct str file, struct history *ret_history,
                       const char **ret_why)
{
    struct str rest = file;
    struct history h = {.count = 0};
    *ret_why = file.len > RECEIPT_BYTES_MAX * 8 ? "too long" : parse_head(&rest, &h);
    if (*ret_why != NULL)
        return ERR_INVALID;
    size_t lines = 0;
    for (size_t i = 0; i < rest.len && lines < HISTORY_EVENTS_MAX; i++)
        lines += rest.ptr[i] == '\n';
    h.events = ARENA_ARRAY(a, lines, struct history_event);
    if (h.events == NULL)
        return ERR_NOMEM;
    struct str line = STR_NULL;
    while (take_line(&rest, &line)) {
        if (line.len == 0) {
            *ret_why = "the proof of the last event is not well formed";
            TRY(receipt_parse(rest, &h.last));
            *ret_why = NULL;
            *ret_history = h;
            return ERR_OK;
        }
        *ret_why =
            h.count == lines ? "too many events" : parse_event(a, line, &h.events[h.count++]);
        if (*ret_why != NULL)
            return ERR_INVALID;
    }
    *ret_why = "it ends before the proof";
    return ERR_INVALID;
}

static const char *event_fault(const struct history *h, size_t i)
{
    const struct history_event *e = &h->events[i];
    if (e->seq != (int64_t)i + 1)
        return "the events do not run 1, 2, 3 without a gap";
    if (i > 0 && e->index <= h->events[i - 1].index)
        return "the places in the log do not ascend";
    if (!e->is_open)
        return NULL;
    const struct event_text *t = &e->parsed;
    if (t->seq != e->seq || memcmp(t->id16.b, h->id16.b, ID16_BYTES) != 0 ||
        !str_eq(t->origin, h->origin))
        return "an event is of another matter, number or log";
    if (i > 0 && (!t->has_prev || memcmp(t->prev.b, h->events[i - 1].leaf.b, HASH_BYTES) != 0))
        return "an event does not follow the one before it";
    return NULL;
}

const char *history_fault(const struct history *h)
{
    if (h->count == 0)
        return "there is no event";
    for (size_t i = 0; i < h->count; i++) {
        const char *fault = event_fault(h, i);
        if (fault != NULL)
            return fault;
    }
    const struct history_event *last = &h->events[h->count - 1];
    struct hash leaf;
    if (h->last.index != last->index || !str_eq(h->last.head.origin, h->origin) ||
        (receipt_leaf(&h->last, &leaf) && memcmp(leaf.b, last->leaf.b, HASH_BYTES) != 0))
        return "the proof is of another event";
    return receipt_is_included(&h->last, &last->leaf) ? NULL
                                                      : "the last event is not in the signed log";
}
