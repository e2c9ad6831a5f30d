/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/event.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

static enum err bad(struct err_info *info, const char *what)
{
    return err_set(info, ERR_INVALID, "log.event_text", "event text: %s", what);
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* a-z first, then a-z 0-9 and the characters of `more`. */
static bool is_word(struct str s, const char *more)
{
    if (s.len == 0 || s.len > 64 || !is_lower(s.ptr[0]))
        return false;
    for (size_t i = 1; i < s.len; i++)
        if (!is_lower(s.ptr[i]) && !is_digit(s.ptr[i]) &&
            (s.ptr[i] == '\0' || strchr(more, s.ptr[i]) == NULL))
            return false;
    return true;
}

/* Two or more words of a-z 0-9 _ joined by dots. */
static bool is_type(struct str s)
{
    if (s.len > 64)
        return false;
    size_t words = 0;
    struct str rest = s;
    struct str word = STR_NULL;
    while (str_cut(&rest, '.', &word)) {
        if (!is_word(word, "_"))
            return false;
        words++;
    }
    return words >= 2 && !str_ends(s, STR("."));
}

static bool is_actor(struct str s)
{
    if (str_eq_c(s, "person") || str_eq_c(s, "system"))
        return true;
    return str_starts(s, STR("role:")) && is_word(str_sub(s, 5, s.len), "._-");
}

/* Scheme-less, so that it is also the name of the log's key: no blank, no plus. */
static bool is_origin(struct str s)
{
    if (s.len == 0 || s.len > 200)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || s.ptr[i] == '+')
            return false;
    return true;
}

static bool is_value(struct str s)
{
    if (s.len == 0 || s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' ')
        return false;
    enum utf8_fault fault = utf8_scan(s, false, NULL);
    return fault != UTF8_BROKEN && fault != UTF8_CONTROL;
}

/* Bytewise order of the whole line "attr key value". */
static int attr_cmp(const struct event_attr *a, const struct event_attr *b)
{
    /* The blank after the key sorts below every character of a key, so key before value is the
     * order of the lines. */
    int by_key = str_cmp(a->key, b->key);
    return by_key != 0 ? by_key : str_cmp(a->value, b->value);
}

static const char *fault_of(const struct event_text *e)
{
    if (!is_origin(e->origin))
        return "log: not an origin";
    if (e->seq < 1)
        return "seq: below 1";
    if ((e->seq == 1) == e->has_prev)
        return "prev: only the first event has none";
    if (!is_type(e->type))
        return "type: not words joined by dots";
    if (!is_actor(e->actor))
        return "actor: not person, system or role:word";
    if (str_eq_c(e->actor, "person") != e->date_only)
        return "time: a date for a person, seconds for all others";
    if (e->attr_count > EVENT_ATTRS_MAX)
        return "attr: more than 16";
    for (size_t i = 0; i < e->attr_count; i++) {
        if (!is_word(e->attrs[i].key, "._-") || !is_value(e->attrs[i].value))
            return "attr: not a word and a value";
        if (i > 0 && attr_cmp(&e->attrs[i - 1], &e->attrs[i]) >= 0)
            return "attr: not in ascending order";
    }
    return NULL;
}

/* ---- format ---------------------------------------------------------------------------------- */

static void put_hash(struct buf *b, const char *key, bool has, const struct hash *h)
{
    buf_c(b, key);
    if (has)
        buf_b64(b, h->b, sizeof h->b);
    else
        buf_char(b, '-');
    buf_char(b, '\n');
}

static void put_line(struct buf *b, const char *key, struct str value)
{
    buf_c(b, key);
    buf_str(b, value);
    buf_char(b, '\n');
}

static void put(const struct event_text *e, struct buf *b)
{
    put_line(b, "huiyin-event/v1\nlog ", e->origin);
    buf_c(b, "matter ");
    buf_hex(b, e->id16.b, sizeof e->id16.b);
    buf_c(b, "\nseq ");
    buf_i64(b, e->seq);
    put_hash(b, "\nprev ", e->has_prev, &e->prev);
    buf_c(b, "time ");
    if (e->date_only)
        day_format(e->day, b);
    else
        instant_format(e->at_us, b);
    put_line(b, "\ntype ", e->type);
    put_line(b, "actor ", e->actor);
    put_hash(b, "body ", e->has_body, &e->body);
    for (size_t i = 0; i < e->attr_count; i++) {
        buf_c(b, "attr ");
        buf_str(b, e->attrs[i].key);
        put_line(b, " ", e->attrs[i].value);
    }
}

enum err event_format(const struct event_text *e, struct buf *ret_text, struct err_info *info)
{
    const char *fault = fault_of(e);
    if (fault != NULL)
        return bad(info, fault);
    put(e, ret_text);
    TRY(buf_err(ret_text));
    if (ret_text->len > EVENT_TEXT_BYTES_MAX)
        return err_set(info, ERR_LIMIT, "log.event_text", "event text: %zu bytes", ret_text->len);
    return ERR_OK;
}

/* ---- parse ----------------------------------------------------------------------------------- */

/* Takes "key value\n" off the front. */
static bool take(struct str *rest, const char *key, struct str *ret_value)
{
    struct str k = str_of(key);
    size_t end = str_find(*rest, STR("\n"));
    if (end == SIZE_MAX || !str_starts(*rest, k))
        return false;
    *ret_value = str_sub(*rest, k.len, end - k.len);
    *rest = str_sub(*rest, end + 1, rest->len);
    return true;
}

static bool take_hash(struct str *rest, const char *key, bool *ret_has, struct hash *ret_hash)
{
    struct str v = STR_NULL;
    if (!take(rest, key, &v))
        return false;
    *ret_has = !str_eq_c(v, "-");
    size_t len = 0;
    return !*ret_has ||
           (str_from_b64(v, ret_hash->b, sizeof ret_hash->b, &len) && len == sizeof ret_hash->b);
}

static bool parse_time(struct str v, struct event_text *e)
{
    e->date_only = v.len == 10;
    if (e->date_only) {
        if (!day_parse(v, &e->day))
            return false;
        e->at_us = (int64_t)e->day * US_PER_DAY;
        return true;
    }
    if (!instant_parse(v, &e->at_us))
        return false;
    int64_t rest = e->at_us % US_PER_DAY;
    e->day = (int32_t)((e->at_us - (rest < 0 ? rest + US_PER_DAY : rest)) / US_PER_DAY);
    return true;
}

static const char *parse_attrs(struct str rest, struct event_text *e)
{
    while (rest.len > 0) {
        struct str line = STR_NULL;
        if (!take(&rest, "attr ", &line))
            return "attr: expected";
        size_t blank = str_find(line, STR(" "));
        if (blank == SIZE_MAX || e->attr_count == EVENT_ATTRS_MAX)
            return "attr: no value, or more than 16";
        e->attrs[e->attr_count++] =
            (struct event_attr){str_sub(line, 0, blank), str_sub(line, blank + 1, line.len)};
    }
    return NULL;
}

static const char *parse_lines(struct str rest, struct event_text *e)
{
    struct str v = STR_NULL;
    if (!take(&rest, "huiyin-event/v1", &v) || v.len != 0)
        return "first line";
    if (!take(&rest, "log ", &e->origin))
        return "log: expected";
    if (!take(&rest, "matter ", &v) || v.len != 2 * ID16_BYTES ||
        !str_from_hex(v, e->id16.b, sizeof e->id16.b))
        return "matter: expected 32 hex digits";
    if (!take(&rest, "seq ", &v) || !str_to_i64(v, 1, INT64_MAX, &e->seq))
        return "seq: expected a number";
    if (!take_hash(&rest, "prev ", &e->has_prev, &e->prev))
        return "prev: expected a hash";
    if (!take(&rest, "time ", &v) || !parse_time(v, e))
        return "time: expected";
    if (!take(&rest, "type ", &e->type) || !take(&rest, "actor ", &e->actor))
        return "type and actor: expected";
    if (!take_hash(&rest, "body ", &e->has_body, &e->body))
        return "body: expected a hash";
    return parse_attrs(rest, e);
}

/* One spelling: what was understood, written again, is the same bytes. */
static enum err check_spelling(struct str text, const struct event_text *e, struct err_info *info)
{
    CLEANUP(buf_done) struct buf again;
    buf_init(&again, 2 * EVENT_TEXT_BYTES_MAX);
    put(e, &again);
    TRY(buf_err(&again));
    return str_eq(buf_view(&again), text) ? ERR_OK : bad(info, "not the canonical spelling");
}

enum err event_understand(struct str text, struct event_text *ret_event, struct err_info *info)
{
    if (text.len > EVENT_TEXT_BYTES_MAX)
        return bad(info, "more than 2,048 bytes");
    struct event_text e = {0};
    const char *fault = parse_lines(text, &e);
    if (fault == NULL)
        fault = fault_of(&e);
    if (fault != NULL)
        return bad(info, fault);
    *ret_event = e;
    return ERR_OK;
}

enum err event_parse(struct str text, struct event_text *ret_event, struct err_info *info)
{
    TRY(event_understand(text, ret_event, info));
    return check_spelling(text, ret_event, info);
}

struct str event_attr(const struct event_text *e, struct str key)
{
    for (size_t i = 0; i < e->attr_count; i++)
        if (str_eq(e->attrs[i].key, key))
            return e->attrs[i].value;
    return STR_NULL;
}

/* ---- commitments ----------------------------------------------------------------------------- */

void event_body(const uint8_t bsalt[32], struct str payload, struct hash *ret_body)
{
    struct sha256 s;
    sha256_init(&s);
    sha256_str(&s, STR("huiyin-body/v1\n"));
    sha256_add(&s, bsalt, 32);
    sha256_str(&s, payload);
    sha256_done(&s, ret_body);
}

void event_salt(const uint8_t mlk[KEY_BYTES], int64_t seq, uint8_t ret_salt[32])
{
    struct mac m;
    mac_init(&m, mlk, 32);
    mac_str(&m, STR("huiyin-salt/v1"));
    mac_be64(&m, (uint64_t)seq);
    mac_done(&m, ret_salt);
}

void event_commit(const uint8_t salt[32], struct str text, struct hash *ret_commit)
{
    struct sha256 s;
    sha256_init(&s);
    sha256_str(&s, STR("huiyin-commit/v1\n"));
    sha256_add(&s, salt, 32);
    sha256_str(&s, text);
    sha256_done(&s, ret_commit);
}

void event_entry(const struct hash *commit, uint8_t ret_entry[EVENT_ENTRY_BYTES])
{
    ret_entry[0] = 1;
    memcpy(ret_entry + 1, commit->b, sizeof commit->b);
}
