/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/form.h"

#include "base/eight.h"
#include "base/instant.h"
#include "base/utf8.h"
#include "http/form_parts.h"

enum { TYPED_BYTES_MAX = 100000, NUMBER_BYTES_MAX = 64 };

/* ---- faults --------------------------------------------------------------------------------- */

/* NULL when there are enough. */
static struct form_fault *fault_new(struct form_faults *faults, struct str field, const char *key)
{
    if (faults->count == FORM_FAULTS_MAX) {
        faults->dropped++;
        return NULL;
    }
    struct form_fault *f = &faults->items[faults->count++];
    *f = (struct form_fault){.field = field, .key = key};
    return f;
}

void form_fault_add(struct form_faults *faults, const char *field, const char *key)
{
    (void)fault_new(faults, str_of(field), key);
}

const struct form_fault *form_fault_of(const struct form_faults *faults, const char *field)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (str_eq_c(faults->items[i].field, field))
            return &faults->items[i];
    }
    return NULL;
}

static bool is_forbidden(int32_t cp, bool lines)
{
    char room[8] = {0};
    struct buf b = {.ptr = room, .size = sizeof room, .cap_bytes = sizeof room};
    utf8_put(&b, cp);
    size_t at = 0;
    return utf8_scan(buf_view(&b), lines, &at) != UTF8_CLEAN;
}

struct str form_clean(struct arena *a, struct str dirty, size_t bytes_max, bool lines)
{
    struct str s = utf8_cut(dirty, bytes_max);
    size_t at = 0;
    if (utf8_scan(s, lines, &at) == UTF8_CLEAN)
        return s;
    /* U+FFFD has three bytes, a broken byte one. */
    char *room = arena_array(a, s.len + 1, 3);
    if (room == NULL)
        return STR("");
    struct buf b = {.ptr = room, .size = s.len * 3 + 3, .cap_bytes = s.len * 3 + 3};
    for (at = 0; at < s.len;) {
        int32_t cp = utf8_next(s, &at);
        utf8_put(&b, cp < 0 || is_forbidden(cp, lines) ? 0xFFFD : cp);
    }
    return utf8_cut(buf_view(&b), bytes_max);
}

void form_fault_named(struct arena *a, struct form_faults *faults, struct str name, const char *key)
{
    (void)fault_new(faults, form_clean(a, name, FORM_NAME_BYTES_MAX, false), key);
}

/* ---- one text ------------------------------------------------------------------------------- */

void form_fold_digits(struct str s, struct buf *b)
{
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        int32_t cp = utf8_next(s, &at);
        if (cp >= 0xFF10 && cp <= 0xFF19)
            buf_char(b, (char)('0' + (cp - 0xFF10)));
        else
            buf_str(b, str_sub(s, from, at - from));
    }
}

static bool is_blank(int32_t cp)
{
    return cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' || cp == 0xA0 || cp == 0x3000 ||
           (cp >= 0x2000 && cp <= 0x200B) || cp == 0xFEFF;
}

/* Where the last character begins; there is one after `start`. */
static size_t last_character(struct str s, size_t start)
{
    size_t at = s.len - 1;
    for (int i = 0; i < 3 && at > start && ((unsigned char)s.ptr[at] & 0xC0U) == 0x80U; i++)
        at--;
    return at;
}

/* Without blanks of any width at both ends. */
static struct str trim(struct str s)
{
    size_t start = 0;
    for (size_t at = 0; at < s.len; start = at) {
        if (!is_blank(utf8_next(s, &at)))
            break;
    }
    while (s.len > start) {
        size_t from = last_character(s, start);
        size_t at = from;
        if (!is_blank(utf8_next(s, &at)) || at != s.len)
            break;
        s.len = from;
    }
    return str_sub(s, start, s.len - start);
}

/* CR LF and lone CR become LF. */
static struct str unify_lines(struct arena *a, struct str s)
{
    if (s.len == 0 || memchr(s.ptr, '\r', s.len) == NULL)
        return s;
    char *room = arena_alloc(a, s.len + 1);
    if (room == NULL)
        return STR_NULL;
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\r')
            room[n++] = s.ptr[i];
        else if (i + 1 == s.len || s.ptr[i + 1] != '\n')
            room[n++] = '\n';
    }
    return str_make(room, n);
}

static const char *scan_key(struct str s, bool lines, int64_t *ret_at)
{
    size_t at = 0;
    enum utf8_fault fault = utf8_scan(s, lines, &at);
    *ret_at = (int64_t)at;
    switch (fault) {
    case UTF8_CLEAN:
        return NULL;
    case UTF8_BROKEN:
        return "form.encoding";
    case UTF8_BIDI:
        return "form.bidi";
    case UTF8_CONTROL:
        break;
    }
    return "form.control";
}

/* ---- identity numbers ----------------------------------------------------------------------- */

/* 0..9, 10 for X, -1 for anything else. */
static int id_digit(int32_t cp)
{
    if (cp >= '0' && cp <= '9')
        return cp - '0';
    if (cp >= 0xFF10 && cp <= 0xFF19)
        return cp - 0xFF10;
    if (cp == 'X' || cp == 'x' || cp == 0xFF38 || cp == 0xFF58)
        return 10;
    return -1;
}

/* GB 11643: region 6, date of birth 8, serial 3, check digit by weights 2^i mod 11. */
static bool is_identity_number(const int d[18])
{
    static const int WEIGHT[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const int CHECK[11] = {1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++) {
        if (d[i] == 10)
            return false;
        sum += d[i] * WEIGHT[i];
    }
    struct civil c = {.year = d[6] * 1000 + d[7] * 100 + d[8] * 10 + d[9],
                      .month = d[10] * 10 + d[11],
                      .day = d[12] * 10 + d[13]};
    return d[0] != 0 && c.year >= 1880 && c.year <= 2150 && civil_is_valid(c) &&
           CHECK[sum % 11] == d[17];
}

/* Can a digit begin with this byte? 0xEF begins the full-width ones. */
static bool may_be_digit(char c)
{
    return (c >= '0' && c <= '9') || c == (char)0xEF;
}

/* Past bytes with which no digit begins, eight at a time as far as that goes. */
static size_t skip_others(struct str s, size_t at)
{
    for (; s.len - at >= EIGHT; at += EIGHT) {
        uint64_t e = eight_at(s.ptr + at);
        if ((eight_digit(e) | eight_has(e, 0xEF)) != 0)
            break;
    }
    while (at < s.len && !may_be_digit(s.ptr[at]))
        at++;
    return at;
}

bool form_has_identity_number(struct str text)
{
    int run[18] = {0};
    size_t count = 0; /* of digits in a row, an X ends the row */
    for (size_t at = 0; at < text.len;) {
        if (count == 0) {
            at = skip_others(text, at);
            if (at == text.len)
                break;
        }
        int d = id_digit(utf8_next(text, &at));
        if (d >= 0 && !(d == 10 && count != 17)) {
            if (count < 18)
                run[count] = d;
            count++;
            if (d != 10)
                continue;
        }
        if (count == 18 && is_identity_number(run))
            return true;
        count = 0;
    }
    return count == 18 && is_identity_number(run);
}

/* ---- one field ------------------------------------------------------------------------------ */

struct parse {
    struct arena *arena;
    const struct form *form;
    struct form_faults *faults;
    char *out;      /* the struct */
    uint32_t *seen; /* per field: how often it came */
};

static void *member(const struct parse *p, const struct form_field *f)
{
    return p->out + f->offset;
}

static void fault_sized(struct parse *p, struct str field, const char *key,
                        const struct form_field *f, int64_t count)
{
    struct form_fault *fault = fault_new(p->faults, field, key);
    if (fault == NULL)
        return;
    fault->min = f->min;
    fault->max = f->max;
    fault->count = count;
}

/* A text as the rules want it; false (and a fault) when it must not come in. */
static bool clean_text(struct parse *p, const struct form_field *f, struct str name, struct str raw,
                       struct str *ret_text)
{
    int64_t at = 0;
    bool lines = f->type == FORM_TYPE_LINES || f->type == FORM_TYPE_PAIRS;
    struct str s = raw;
    const char *key = NULL;
    if (f->type != FORM_TYPE_SECRET) {
        key = utf8_is_valid(s) ? NULL : "form.encoding";
        if (key == NULL)
            s = unify_lines(p->arena, trim(s));
    }
    if (key == NULL)
        key = scan_key(s, lines, &at);
    if (key == NULL && f->type != FORM_TYPE_SECRET && !f->any_number && form_has_identity_number(s))
        key = "form.identity_number";
    if (key != NULL) {
        fault_sized(p, name, key, f, at);
        return false;
    }
    *ret_text = s.ptr == NULL ? STR("") : s;
    return true;
}

/* The bounds of a text, in characters. */
static void check_length(struct parse *p, const struct form_field *f, struct str name,
                         struct str text)
{
    int64_t count = (int64_t)utf8_count(text);
    if (count == 0 && f->min > 0)
        fault_sized(p, name, "form.empty", f, 0);
    else if (count > 0 && count < f->min)
        fault_sized(p, name, "form.too_short", f, count);
    else if (count > f->max)
        fault_sized(p, name, "form.too_long", f, count);
}

static void read_text(struct parse *p, const struct form_field *f, const struct form_raw *raw)
{
    struct str *to = member(p, f);
    struct str name = str_of(f->name);
    if (clean_text(p, f, name, raw->value, to))
        check_length(p, f, name, *to);
}

/* Short, trimmed, with ASCII digits; in `room`. */
static struct str folded(struct str raw, char room[NUMBER_BYTES_MAX])
{
    struct buf b = {.ptr = room, .size = NUMBER_BYTES_MAX, .cap_bytes = NUMBER_BYTES_MAX};
    struct str s = trim(raw);
    if (s.len >= NUMBER_BYTES_MAX)
        return STR("?");
    form_fold_digits(s, &b);
    return buf_view(&b);
}

static void read_choice(struct parse *p, const struct form_field *f, const struct form_raw *raw)
{
    struct str s = trim(raw->value);
    if (s.len == 0) {
        if (f->required)
            fault_sized(p, str_of(f->name), "form.choose", f, 0);
        return;
    }
    for (int32_t i = 0; f->choices[i] != NULL; i++) {
        if (str_eq_c(s, f->choices[i])) {
            *(int32_t *)member(p, f) = i + 1;
            return;
        }
    }
    fault_sized(p, str_of(f->name), "form.not_a_choice", f, 0);
}

/* "2026-03-02", "2026/3/2", "2026.3.2", "2026年3月2日". */
static bool parse_date(struct str s, int32_t *ret_day)
{
    int32_t part[3] = {0};
    size_t digits[3] = {0};
    size_t n = 0;
    for (size_t at = 0; at < s.len;) {
        int32_t cp = utf8_next(s, &at);
        if (cp >= '0' && cp <= '9' && n < 3 && digits[n] < 4) {
            part[n] = part[n] * 10 + (cp - '0');
            digits[n]++;
            continue;
        }
        bool sign = cp == '-' || cp == '/' || cp == '.' || cp == 0x5E74 || cp == 0x6708;
        bool day_sign = cp == 0x65E5 && n == 2 && at == s.len;
        if (day_sign)
            break;
        if (!sign || n == 2 || digits[n] == 0)
            return false;
        n++;
    }
    struct civil c = {.year = part[0], .month = part[1], .day = part[2]};
    if (n != 2 || digits[0] != 4 || digits[1] > 2 || digits[2] > 2 || !civil_is_valid(c))
        return false;
    *ret_day = day_of(c);
    return true;
}

static void read_date(struct parse *p, const struct form_field *f, const struct form_raw *raw)
{
    char room[NUMBER_BYTES_MAX];
    struct str s = folded(raw->value, room);
    if (s.len == 0) {
        if (f->required)
            fault_sized(p, str_of(f->name), "form.empty", f, 0);
        return;
    }
    if (!parse_date(s, member(p, f)))
        fault_sized(p, str_of(f->name), "form.date", f, 0);
}

static void read_int(struct parse *p, const struct form_field *f, const struct form_raw *raw)
{
    char room[NUMBER_BYTES_MAX];
    struct str s = folded(raw->value, room);
    int64_t value = 0;
    if (s.len == 0) {
        if (f->required)
            fault_sized(p, str_of(f->name), "form.empty", f, 0);
        return;
    }
    if (!str_to_i64(s, INT64_MIN + 1, INT64_MAX, &value))
        fault_sized(p, str_of(f->name), "form.number", f, 0);
    else if (value < f->min || value > f->max)
        fault_sized(p, str_of(f->name), "form.number_range", f, value);
    else
        *(int64_t *)member(p, f) = value;
}

static void read_flag(struct parse *p, const struct form_field *f, const struct form_raw *raw)
{
    static const char *const YES[] = {"1", "on", "true", "yes"};
    static const char *const NO[] = {"", "0", "off", "false", "no"};
    struct str s = trim(raw->value);
    for (size_t i = 0; i < sizeof YES / sizeof YES[0]; i++) {
        if (str_eq_c(s, YES[i])) {
            *(bool *)member(p, f) = true;
            return;
        }
    }
    for (size_t i = 0; i < sizeof NO / sizeof NO[0]; i++) {
        if (str_eq_c(s, NO[i])) {
            if (f->required)
                fault_sized(p, str_of(f->name), "form.must_agree", f, 0);
            return;
        }
    }
    fault_sized(p, str_of(f->name), "form.flag", f, 0);
}

static void read_file(struct parse *p, const struct form_field *f, const struct form_raw *raw)
{
    struct form_file *to = member(p, f);
    if (str_is_null(raw->file_name)) {
        if (raw->value.len > 0)
            fault_sized(p, str_of(f->name), "form.not_a_file", f, 0);
        return;
    }
    if (raw->value.len > (size_t)f->max) {
        fault_sized(p, str_of(f->name), "form.file_too_large", f, (int64_t)raw->value.len);
        return;
    }
    *to = (struct form_file){.name = form_clean(p->arena, raw->file_name, 255, false),
                             .bytes = raw->value};
}

static void read_one(struct parse *p, const struct form_field *f, const struct form_raw *raw)
{
    if (f->type != FORM_TYPE_FILE && !str_is_null(raw->file_name)) {
        fault_sized(p, str_of(f->name), "form.wrong_type", f, 0);
        return;
    }
    switch (f->type) {
    case FORM_TYPE_TEXT:
    case FORM_TYPE_LINES:
    case FORM_TYPE_SECRET:
        read_text(p, f, raw);
        break;
    case FORM_TYPE_CHOICE:
        read_choice(p, f, raw);
        break;
    case FORM_TYPE_DATE:
        read_date(p, f, raw);
        break;
    case FORM_TYPE_INT:
        read_int(p, f, raw);
        break;
    case FORM_TYPE_FLAG:
        read_flag(p, f, raw);
        break;
    case FORM_TYPE_FILE:
        read_file(p, f, raw);
        break;
    case FORM_TYPE_STRS:
    case FORM_TYPE_PAIRS:
    case FORM_TYPE_UNSET:
        break;
    }
}

/* ---- fields that repeat --------------------------------------------------------------------- */

static bool is_prefix(const struct form_field *f, struct str name)
{
    struct str prefix = str_of(f->name);
    return f->type == FORM_TYPE_PAIRS && name.len > prefix.len && str_starts(name, prefix);
}

static enum err read_strs(struct parse *p, const struct form_field *f, const struct form_body *body,
                          uint32_t times)
{
    struct str *items = ARENA_ARRAY(p->arena, times + 1, struct str);
    if (items == NULL)
        return ERR_NOMEM;
    size_t n = 0;
    for (size_t i = 0; i < body->count; i++) {
        struct str text;
        if (!str_eq_c(body->raws[i].name, f->name))
            continue;
        if (clean_text(p, f, str_of(f->name), body->raws[i].value, &text) && text.len > 0)
            items[n++] = text;
    }
    if ((int64_t)n < f->min)
        fault_sized(p, str_of(f->name), "form.choose_some", f, (int64_t)n);
    else if ((int64_t)n > f->max)
        fault_sized(p, str_of(f->name), "form.too_many", f, (int64_t)n);
    *(struct form_strs *)member(p, f) = (struct form_strs){.items = items, .count = n};
    return ERR_OK;
}

static enum err read_pairs(struct parse *p, const struct form_field *f,
                           const struct form_body *body, uint32_t times)
{
    struct form_pair *items = ARENA_ARRAY(p->arena, times + 1, struct form_pair);
    if (items == NULL)
        return ERR_NOMEM;
    size_t n = 0;
    for (size_t i = 0; i < body->count; i++) {
        const struct form_raw *raw = &body->raws[i];
        if (!is_prefix(f, raw->name))
            continue;
        struct str name = form_clean(p->arena, raw->name, FORM_NAME_BYTES_MAX, false);
        struct str text;
        if (!clean_text(p, f, name, raw->value, &text))
            continue;
        struct str rest = str_sub(name, strlen(f->name), name.len);
        for (size_t k = 0; k < n; k++) {
            if (str_eq(items[k].name, rest))
                (void)fault_new(p->faults, name, "form.repeated");
        }
        items[n++] = (struct form_pair){.name = rest, .value = text};
    }
    if ((int64_t)n > f->max)
        fault_sized(p, str_of(f->name), "form.too_many", f, (int64_t)n);
    *(struct form_pairs *)member(p, f) = (struct form_pairs){.items = items, .count = n};
    return ERR_OK;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static const struct form_field *field_of(const struct form *form, struct str name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (str_eq_c(name, form->fields[i].name) && form->fields[i].type != FORM_TYPE_PAIRS)
            return &form->fields[i];
    }
    for (size_t i = 0; i < form->count; i++) {
        if (is_prefix(&form->fields[i], name))
            return &form->fields[i];
    }
    return NULL;
}

static void preset(struct parse *p)
{
    for (size_t i = 0; i < p->form->count; i++) {
        const struct form_field *f = &p->form->fields[i];
        if (f->type == FORM_TYPE_DATE)
            *(int32_t *)member(p, f) = FORM_NO_DAY;
        else if (f->type == FORM_TYPE_INT)
            *(int64_t *)member(p, f) = FORM_NO_INT;
        else if (f->type == FORM_TYPE_TEXT || f->type == FORM_TYPE_LINES ||
                 f->type == FORM_TYPE_SECRET)
            *(struct str *)member(p, f) = STR("");
    }
}

static void read_sent(struct parse *p, const struct form_body *body)
{
    for (size_t i = 0; i < body->count; i++) {
        const struct form_raw *raw = &body->raws[i];
        if (str_eq_c(raw->name, "csrf"))
            continue;
        const struct form_field *f = field_of(p->form, raw->name);
        if (f == NULL) {
            form_fault_named(p->arena, p->faults, raw->name, "form.unknown_field");
            continue;
        }
        uint32_t times = ++p->seen[f - p->form->fields];
        if (f->type == FORM_TYPE_STRS || f->type == FORM_TYPE_PAIRS)
            continue;
        if (times == 1)
            read_one(p, f, raw);
        else if (times == 2)
            fault_sized(p, str_of(f->name), "form.repeated", f, 0);
    }
}

static enum err read_absent(struct parse *p, const struct form_body *body)
{
    static const struct form_raw NOTHING = {.value = STR_INIT("")};
    for (size_t i = 0; i < p->form->count; i++) {
        const struct form_field *f = &p->form->fields[i];
        if (f->type == FORM_TYPE_STRS)
            TRY(read_strs(p, f, body, p->seen[i]));
        else if (f->type == FORM_TYPE_PAIRS)
            TRY(read_pairs(p, f, body, p->seen[i]));
        else if (p->seen[i] == 0 && f->type != FORM_TYPE_FILE)
            read_one(p, f, &(struct form_raw){.value = NOTHING.value, .file_name = STR_NULL});
        else if (p->seen[i] == 0 && f->min > 0)
            fault_sized(p, str_of(f->name), "form.empty", f, 0);
    }
    return ERR_OK;
}

enum err form_parse(struct arena *a, const struct form *form, const struct form_body *body,
                    struct form_faults *faults, void **ret_struct)
{
    struct parse p = {.arena = a, .form = form, .faults = faults};
    p.out = arena_alloc(a, form->size);
    p.seen = ARENA_ARRAY(a, form->count + 1, uint32_t);
    if (p.out == NULL || p.seen == NULL)
        return ERR_NOMEM;
    preset(&p);
    read_sent(&p, body);
    TRY(read_absent(&p, body));
    *ret_struct = p.out;
    return ERR_OK;
}

struct str form_typed(struct arena *a, const struct form *form, const struct form_body *body,
                      const char *field)
{
    const struct form_field *f = form == NULL ? NULL : field_of(form, str_of(field));
    if (f != NULL && f->type == FORM_TYPE_SECRET)
        return STR("");
    for (size_t i = 0; i < body->count; i++) {
        if (str_eq_c(body->raws[i].name, field) && str_is_null(body->raws[i].file_name))
            return form_clean(a, body->raws[i].value, TYPED_BYTES_MAX, true);
    }
    return STR("");
}

static const char *field_fault(const struct form *form, const struct form_field *f)
{
    size_t len = f->name == NULL ? 0 : strlen(f->name);
    if (len == 0 || len > FORM_NAME_BYTES_MAX || strcmp(f->name, "csrf") == 0 ||
        strcmp(f->name, "lang") == 0)
        return "a field needs a name of its own";
    if (f->offset >= form->size)
        return "a field outside its struct";
    if (f->type == FORM_TYPE_CHOICE && (f->choices == NULL || f->choices[0] == NULL))
        return "a choice without choices";
    if (f->type <= FORM_TYPE_UNSET || f->type > FORM_TYPE_FILE)
        return "a field without a type";
    bool bounded =
        f->type != FORM_TYPE_CHOICE && f->type != FORM_TYPE_DATE && f->type != FORM_TYPE_FLAG;
    if (bounded && (f->max < f->min || (f->type != FORM_TYPE_INT && f->max < 1)))
        return "a field without an upper bound";
    return NULL;
}

enum err form_check(const struct form *form, struct err_info *info)
{
    if (form->name == NULL || form->size == 0 || form->count == 0 || form->fields == NULL)
        return err_set(info, ERR_INVALID, NULL, "a form without name, struct or fields");
    for (size_t i = 0; i < form->count; i++) {
        const char *fault = field_fault(form, &form->fields[i]);
        for (size_t k = 0; fault == NULL && k < i; k++) {
            if (strcmp(form->fields[k].name, form->fields[i].name) == 0)
                fault = "two fields of one name";
        }
        if (fault != NULL)
            return err_set(info, ERR_INVALID, NULL, "form %s, field %s: %s", form->name,
                           form->fields[i].name == NULL ? "?" : form->fields[i].name, fault);
    }
    return ERR_OK;
}
