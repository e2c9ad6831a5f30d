/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/text/msg.h"

#include "lib/text/date.h"
#include "lib/text/icu.h"
#include "lib/text/msg_table.h"
#include "lib/text/wide.h"
#include "lib/text/zone.h"

#include "base/instant.h"

#include <string.h>

/* A language is its catalogue: the pointer is the identity. */
struct msg_lang {
    struct msg_catalogue catalogue;
};

_Static_assert(sizeof(struct msg_lang) == sizeof(struct msg_catalogue), "one is the other");

struct scope {
    struct buf *out;
    const struct msg_lang *lang;
    const struct msg_arg *args;
    size_t args_count;
    int64_t pound; /* the number of the plural around */
};

static void put_body(const struct scope *s, const struct msg_body *body);

struct msg_arg msg_text(const char *name, struct str text)
{
    return (struct msg_arg){.name = name, .kind = MSG_ARG_TEXT, .text = text};
}

struct msg_arg msg_number(const char *name, int64_t number)
{
    return (struct msg_arg){.name = name, .kind = MSG_ARG_NUMBER, .value = number};
}

struct msg_arg msg_day(const char *name, int32_t day)
{
    return (struct msg_arg){.name = name, .kind = MSG_ARG_DAY, .value = day};
}

struct msg_arg msg_instant(const char *name, int64_t at_us)
{
    return (struct msg_arg){.name = name, .kind = MSG_ARG_INSTANT, .value = at_us};
}

/* ---- languages ---- */

size_t msg_lang_count(void)
{
    return MSG_CATALOGUE_COUNT;
}

const struct msg_lang *msg_lang_at(size_t i)
{
    return (const struct msg_lang *)&MSG_CATALOGUES[i < MSG_CATALOGUE_COUNT ? i : 0];
}

struct str msg_lang_tag(const struct msg_lang *lang)
{
    return str_of(lang->catalogue.tag);
}

struct str msg_lang_name(const struct msg_lang *lang)
{
    return str_of(lang->catalogue.name);
}

const char *msg_lang_locale(const struct msg_lang *lang)
{
    return lang->catalogue.locale;
}

static bool same_letters(struct str a, struct str b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

const struct msg_lang *msg_lang_find(struct str tag)
{
    if (tag.len == 0)
        return NULL;
    for (size_t i = 0; i < MSG_CATALOGUE_COUNT; i++)
        if (same_letters(tag, str_of(MSG_CATALOGUES[i].tag)))
            return msg_lang_at(i);
    struct str primary = tag;
    struct str rest = tag;
    (void)str_cut(&rest, '-', &primary);
    for (size_t i = 0; i < MSG_CATALOGUE_COUNT; i++) {
        struct str have = str_of(MSG_CATALOGUES[i].tag);
        struct str have_primary = have;
        (void)str_cut(&have, '-', &have_primary);
        if (same_letters(primary, have_primary))
            return msg_lang_at(i);
    }
    return NULL;
}

/* The weight of one Accept-Language item in thousandths; *item keeps the tag alone. */
static int64_t weight_of(struct str *item)
{
    struct str rest = *item;
    struct str tag = STR_NULL;
    (void)str_cut(&rest, ';', &tag);
    *item = str_trim(tag);
    rest = str_trim(rest);
    if (!str_starts(rest, STR("q=")))
        return 1000;
    rest = str_sub(rest, 2, rest.len);
    int64_t weight = 0;
    int64_t unit = 1000;
    for (size_t i = 0; i < rest.len && unit > 0; i++) {
        if (rest.ptr[i] == '.' && i == 1)
            continue;
        if (rest.ptr[i] < '0' || rest.ptr[i] > '9')
            return 0;
        weight += (rest.ptr[i] - '0') * unit;
        unit /= 10;
    }
    return weight;
}

const struct msg_lang *msg_lang_choose(struct str accept_language)
{
    const struct msg_lang *best = msg_lang_at(0);
    int64_t best_weight = 0;
    struct str item;
    for (int i = 0; i < 32 && str_cut(&accept_language, ',', &item); i++) {
        int64_t weight = weight_of(&item);
        const struct msg_lang *lang = msg_lang_find(item);
        if (lang != NULL && weight > best_weight) {
            best = lang;
            best_weight = weight;
        }
    }
    return best;
}

/* ---- keys ---- */

enum msg_key msg_key_find(struct str name)
{
    size_t lo = 1; /* the first is MSG_NONE */
    size_t hi = MSG_KEY_COUNT;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        enum msg_key key = (enum msg_key)MSG_KEYS_SORTED[mid];
        int c = str_cmp(name, str_of(MSG_KEY_NAMES[key]));
        if (c == 0)
            return key;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return MSG_NONE;
}

struct str msg_key_name(enum msg_key key)
{
    return (size_t)key < MSG_KEY_COUNT ? str_of(MSG_KEY_NAMES[key]) : STR("");
}

static const struct msg_body *body_of(const struct msg_lang *lang, enum msg_key key)
{
    size_t k = (size_t)key < MSG_KEY_COUNT ? (size_t)key : 0;
    const struct msg_body *body = &lang->catalogue.texts[k];
    return body->node_count > 0 ? body : &MSG_CATALOGUES[0].texts[k];
}

static bool is_one_text(const struct msg_body *body)
{
    return body->node_count == 1 && body->nodes[0].kind == MSG_NODE_TEXT;
}

bool msg_is_plain(const struct msg_lang *lang, enum msg_key key)
{
    return is_one_text(body_of(lang, key));
}

struct str msg_plain(const struct msg_lang *lang, enum msg_key key)
{
    const struct msg_body *body = body_of(lang, key);
    return is_one_text(body) ? body->nodes[0].text : msg_key_name(key);
}

/* ---- sentences ---- */

static const struct msg_arg *arg_find(const struct scope *s, const struct msg_node *n)
{
    if (n->arg_hint < s->args_count && str_eq_c(n->text, s->args[n->arg_hint].name))
        return &s->args[n->arg_hint];
    for (size_t i = 0; i < s->args_count; i++)
        if (str_eq_c(n->text, s->args[i].name))
            return &s->args[i];
    return NULL;
}

static bool number_of(const struct msg_arg *a, int64_t *ret)
{
    if (a->kind == MSG_ARG_TEXT)
        return str_to_i64(a->text, INT64_MIN, INT64_MAX, ret);
    *ret = a->value;
    return a->kind == MSG_ARG_NUMBER;
}

static bool day_of_arg(const struct msg_arg *a, int32_t *ret)
{
    if (a->kind == MSG_ARG_TEXT)
        return day_parse(a->text, ret);
    if (a->kind == MSG_ARG_INSTANT)
        *ret = zone_day_of(zone_house(), a->value);
    else
        *ret = (int32_t)a->value;
    return a->kind == MSG_ARG_INSTANT || a->kind == MSG_ARG_DAY;
}

static bool instant_of(const struct msg_arg *a, int64_t *ret)
{
    if (a->kind == MSG_ARG_TEXT)
        return instant_parse(a->text, ret);
    *ret = a->value;
    return a->kind == MSG_ARG_INSTANT;
}

/* The argument as it stands, in the form its own kind asks for. */
static void put_arg(const struct scope *s, const struct msg_arg *a)
{
    switch (a->kind) {
    case MSG_ARG_TEXT:
        buf_str(s->out, a->text);
        break;
    case MSG_ARG_NUMBER:
        date_put_number(s->out, s->lang, a->value);
        break;
    case MSG_ARG_DAY:
        date_put_long(s->out, s->lang, (int32_t)a->value);
        break;
    case MSG_ARG_INSTANT:
        date_put_time(s->out, s->lang, zone_house(), a->value);
        break;
    case MSG_ARG_NONE:
    default:
        break;
    }
}

static struct str plural_category(const struct scope *s, int64_t n, char *text, size_t size)
{
    size_t index = 0;
    while (index + 1 < msg_lang_count() && msg_lang_at(index) != s->lang)
        index++;
    UPluralRules *rules = icu_plural_rules(index, msg_lang_locale(s->lang));
    UErrorCode e = U_ZERO_ERROR;
    UChar wide[16];
    int32_t len =
        rules == NULL ? 0 : uplrules_select(rules, (double)n, wide, (int32_t)(size - 1), &e);
    if (rules == NULL || U_FAILURE(e) || len <= 0 || (size_t)len >= size)
        return STR("other");
    for (int32_t i = 0; i < len; i++)
        text[i] = (char)wide[i];
    return str_make(text, (size_t)len);
}

static const struct msg_case *case_named(const struct msg_node *n, struct str name)
{
    for (size_t i = 0; i < n->case_count; i++)
        if (!n->cases[i].is_exact && str_eq(n->cases[i].name, name))
            return &n->cases[i];
    return &n->cases[n->case_count - 1]; /* other */
}

static void put_plural(const struct scope *s, const struct msg_node *n, const struct msg_arg *a)
{
    struct scope inner = *s;
    inner.pound = 0;
    if (!number_of(a, &inner.pound)) {
        put_arg(s, a);
        return;
    }
    for (size_t i = 0; i < n->case_count; i++) {
        if (n->cases[i].is_exact && n->cases[i].exact == inner.pound) {
            put_body(&inner, &n->cases[i].body);
            return;
        }
    }
    char text[16];
    struct str category = plural_category(s, inner.pound, text, sizeof text);
    put_body(&inner, &case_named(n, category)->body);
}

static void put_formatted(const struct scope *s, const struct msg_node *n, const struct msg_arg *a)
{
    int64_t v = 0;
    int32_t day = 0;
    if (n->kind == MSG_NODE_NUMBER && number_of(a, &v))
        date_put_number(s->out, s->lang, v);
    else if (n->kind == MSG_NODE_DATE_LONG && day_of_arg(a, &day))
        date_put_long(s->out, s->lang, day);
    else if (n->kind == MSG_NODE_DATE_SHORT && day_of_arg(a, &day))
        date_put_short(s->out, s->lang, day);
    else if (n->kind == MSG_NODE_TIME && instant_of(a, &v))
        date_put_time(s->out, s->lang, zone_house(), v);
    else
        put_arg(s, a);
}

static void put_node(const struct scope *s, const struct msg_node *n)
{
    if (n->kind == MSG_NODE_TEXT) {
        buf_str(s->out, n->text);
        return;
    }
    if (n->kind == MSG_NODE_POUND) {
        date_put_number(s->out, s->lang, s->pound);
        return;
    }
    const struct msg_arg *a = arg_find(s, n);
    if (a == NULL) {
        buf_char(s->out, '{');
        buf_str(s->out, n->text);
        buf_char(s->out, '}');
    } else if (n->kind == MSG_NODE_PLURAL) {
        put_plural(s, n, a);
    } else if (n->kind == MSG_NODE_SELECT) {
        struct str choice = a->kind == MSG_ARG_TEXT ? a->text : STR("other");
        put_body(s, &case_named(n, choice)->body);
    } else if (n->kind == MSG_NODE_ARG) {
        put_arg(s, a);
    } else {
        put_formatted(s, n, a);
    }
}

static void put_body(const struct scope *s, const struct msg_body *body)
{
    for (size_t i = 0; i < body->node_count; i++)
        put_node(s, &body->nodes[i]);
}

void msg_put(struct buf *b, const struct msg_lang *lang, enum msg_key key,
             const struct msg_arg *args, size_t args_count)
{
    struct scope s = {.out = b, .lang = lang, .args = args, .args_count = args_count};
    put_body(&s, body_of(lang, key));
}

void msg_put_say(struct buf *b, const struct msg_lang *lang, const struct msg_say *say)
{
    msg_put(b, lang, say->key, say->args, say->args_count);
}

struct msg_say msg_say_err(const struct err_info *info)
{
    static const char *const NAMES[ERR_ARGS] = {"0", "1", "2"};
    struct msg_say say = {.key = msg_key_find(str_of(info->key)), .args_count = ERR_ARGS};
    if (say.key == MSG_NONE)
        say.key = msg_key_find(str_of(err_key(info->err)));
    for (size_t i = 0; i < ERR_ARGS; i++)
        say.args[i] = msg_text(NAMES[i], str_of(info->arg[i]));
    return say;
}

void msg_put_err(struct buf *b, const struct msg_lang *lang, const struct err_info *info)
{
    struct msg_say say = msg_say_err(info);
    msg_put_say(b, lang, &say);
}
