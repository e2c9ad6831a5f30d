/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/route.h"

#include "base/mem.h"
#include "http/form.h"

enum { SEGMENTS_MAX = 12 };

enum segment_kind { SEGMENT_LITERAL = 0, SEGMENT_NAME, SEGMENT_REST };

struct segment {
    enum segment_kind kind;
    struct str text; /* the literal, or the name */
};

struct entry {
    const struct route *route;
    struct segment segments[SEGMENTS_MAX];
    size_t count;
};

struct route_table {
    struct entry *entries; /* ordered so that the first that fits is the right one */
    const struct route **by_path;
    size_t count;
};

static const char *const METHOD_NAMES[] = {"", "GET", "POST"};
static const char *const DOOR_NAMES[] = {"", "public", "person", "officer", "token"};
static const char *const CSRF_NAMES[] = {"", "none", "session", "bearer", "signed"};
static const char *const BUDGET_NAMES[BUDGET_COUNT] = {"",     "read",    "write", "raise",
                                                       "code", "sign-in", "api",   "none"};

const char *route_method_name(enum method method)
{
    return (unsigned)method <= METHOD_POST ? METHOD_NAMES[method] : "";
}

const char *route_door_name(enum door door)
{
    return (unsigned)door <= DOOR_TOKEN ? DOOR_NAMES[door] : "";
}

const char *route_csrf_name(enum csrf csrf)
{
    return (unsigned)csrf <= CSRF_SIGNED ? CSRF_NAMES[csrf] : "";
}

const char *route_budget_name(enum budget budget)
{
    return (unsigned)budget < BUDGET_COUNT ? BUDGET_NAMES[budget] : "";
}

static bool is_param_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == '-';
}

static bool is_param(struct str s, size_t max, bool slashes)
{
    if (s.len == 0 || s.len > max)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_param_char(s.ptr[i]) && !(slashes && s.ptr[i] == '/'))
            return false;
    }
    return true;
}

/* ---- the start-up check --------------------------------------------------------------------- */

static enum err bad_row(const struct route *r, struct err_info *info, const char *lack)
{
    return err_set(info, ERR_INVALID, NULL, "route %s %s: %s", route_method_name(r->method),
                   r->path == NULL ? "(no path)" : r->path, lack);
}

/* Cuts the template; false when it is not well formed. */
static bool cut_template(const char *path, struct entry *ret_entry)
{
    struct str rest = str_of(path);
    ret_entry->count = 0;
    if (rest.len == 0 || rest.ptr[0] != '/')
        return false;
    rest = str_sub(rest, 1, rest.len);
    if (rest.len == 0)
        return true;
    size_t names = 0;
    for (;;) {
        size_t slash = str_find(rest, STR("/"));
        struct str part = str_sub(rest, 0, slash == SIZE_MAX ? rest.len : slash);
        if (part.len == 0 || ret_entry->count == SEGMENTS_MAX)
            return false;
        struct segment *seg = &ret_entry->segments[ret_entry->count++];
        *seg = (struct segment){.kind = SEGMENT_LITERAL, .text = part};
        if (part.ptr[0] == '{') {
            if (part.len < 3 || part.ptr[part.len - 1] != '}' || ++names > ROUTE_PARAMS_MAX)
                return false;
            seg->kind = SEGMENT_NAME;
            seg->text = str_sub(part, 1, part.len - 2);
            if (str_ends(seg->text, STR("*"))) {
                seg->kind = SEGMENT_REST;
                seg->text.len--;
            }
        }
        if (!is_param(seg->text, ROUTE_PARAM_BYTES_MAX, false))
            return false;
        if (slash == SIZE_MAX)
            return true;
        if (seg->kind == SEGMENT_REST)
            return false;
        rest = str_sub(rest, slash + 1, rest.len);
    }
}

static enum err check_door(const struct route *r, struct err_info *info)
{
    if (r->door <= DOOR_UNSET || r->door > DOOR_TOKEN)
        return bad_row(r, info, "names no door");
    bool staff = r->door == DOOR_OFFICER || r->door == DOOR_TOKEN;
    if (staff && r->verb == 0)
        return bad_row(r, info, "a staff door without a verb");
    if (!staff && r->verb != 0)
        return bad_row(r, info, "a verb at a door that knows no officer");
    if (r->budget <= BUDGET_UNSET || r->budget >= BUDGET_COUNT)
        return bad_row(r, info, "names no budget");
    if ((r->flags & ROUTE_STEP_UP) != 0 && r->door != DOOR_OFFICER)
        return bad_row(r, info, "only an officer's session can step up");
    return ERR_OK;
}

static enum err check_read(const struct route *r, struct err_info *info)
{
    if (r->view == NULL)
        return bad_row(r, info, "a read without a view");
    if (r->act != NULL || r->reply != NULL || r->prepare != NULL)
        return bad_row(r, info, "a read that has the functions of a write");
    if (r->csrf != CSRF_NONE)
        return bad_row(r, info, "a read says CSRF_NONE");
    if (r->event != NULL)
        return bad_row(r, info, "a read leaves no event through the table");
    return ERR_OK;
}

static enum err check_write(const struct route *r, struct err_info *info)
{
    if (r->view != NULL)
        return bad_row(r, info, "a write has no view");
    if (r->reply == NULL)
        return bad_row(r, info, "a write without a reply");
    const bool is_signed = r->csrf == CSRF_SIGNED;
    if ((r->form == NULL) != is_signed)
        return bad_row(r, info, "a write without a form");
    if (r->event == NULL || r->event[0] == '\0')
        return bad_row(r, info, "a write without an event");
    if (r->act == NULL && !str_eq_c(str_of(r->event), AUDIT_SESSION))
        return bad_row(r, info, "an event without an act that leaves it");
    enum csrf want = r->door == DOOR_TOKEN ? CSRF_BEARER : CSRF_SESSION;
    if (r->csrf != want && !(is_signed && r->door == DOOR_PUBLIC && r->act != NULL))
        return bad_row(r, info, "a write without its csrf rule");
    return ERR_OK;
}

static enum err check_row(const struct route *r, struct entry *ret_entry, struct err_info *info)
{
    if (r->method != METHOD_GET && r->method != METHOD_POST)
        return bad_row(r, info, "names no method");
    if (r->path == NULL || !cut_template(r->path, ret_entry))
        return bad_row(r, info, "the path is not well formed");
    TRY(check_door(r, info));
    TRY(r->method == METHOD_GET ? check_read(r, info) : check_write(r, info));
    if (r->form != NULL)
        TRY(form_check(r->form, info));
    return ERR_OK;
}

/* Literals before names before the rest, segment by segment; then by method. */
static int entry_cmp(const void *pa, const void *pb)
{
    const struct entry *a = pa;
    const struct entry *b = pb;
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        const struct segment *x = &a->segments[i];
        const struct segment *y = &b->segments[i];
        if (x->kind != y->kind)
            return x->kind < y->kind ? -1 : 1;
        int order = x->kind == SEGMENT_LITERAL ? str_cmp(x->text, y->text) : 0;
        if (order != 0)
            return order;
    }
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    return (int)a->route->method - (int)b->route->method;
}

static int path_cmp(const void *a, const void *b)
{
    const struct route *const *x = a;
    const struct route *const *y = b;
    int order = strcmp((*x)->path, (*y)->path);
    return order != 0 ? order : (int)(*x)->method - (int)(*y)->method;
}

enum err route_table_new(const struct route_span *spans, size_t span_count, struct err_info *info,
                         struct route_table **ret_table)
{
    size_t count = 0;
    for (size_t i = 0; i < span_count; i++)
        count += spans[i].count;
    CLEANUP(mem_free_ptr) struct entry *entries = mem_new_array(count + 1, sizeof *entries);
    CLEANUP(mem_free_ptr) const struct route **by_path = mem_new_array(count + 1, sizeof *by_path);
    CLEANUP(mem_free_ptr) struct route_table *table = mem_new(sizeof *table);
    if (entries == NULL || by_path == NULL || table == NULL)
        return err_set(info, ERR_NOMEM, NULL, "route table");
    size_t n = 0;
    for (size_t i = 0; i < span_count; i++) {
        for (size_t k = 0; k < spans[i].count; k++, n++) {
            entries[n].route = by_path[n] = &spans[i].routes[k];
            TRY(check_row(&spans[i].routes[k], &entries[n], info));
        }
    }
    qsort(entries, count, sizeof *entries, entry_cmp);
    qsort(by_path, count, sizeof *by_path, path_cmp);
    for (size_t i = 1; i < count; i++) {
        if (entry_cmp(&entries[i - 1], &entries[i]) == 0)
            return bad_row(entries[i].route, info, "stands in the table twice");
    }
    table->entries = TAKE(entries);
    table->by_path = TAKE(by_path);
    table->count = count;
    *ret_table = TAKE(table);
    return ERR_OK;
}

void route_table_free(struct route_table *table)
{
    if (table == NULL)
        return;
    mem_free(table->entries);
    mem_free(table->by_path);
    mem_free(table);
}

const struct route *route_table_at(const struct route_table *table, size_t i)
{
    return i < table->count ? table->entries[i].route : NULL;
}

const struct route *route_of_path(const struct route_table *table, enum method method,
                                  const char *path)
{
    const struct route key = {.method = method, .path = path};
    const struct route *const want = &key;
    const struct route **at =
        bsearch(&want, table->by_path, table->count, sizeof *table->by_path, path_cmp);
    return at == NULL ? NULL : *at;
}

/* ---- finding -------------------------------------------------------------------------------- */

static bool fits(const struct entry *e, struct str path, struct route_match *m)
{
    struct str rest = str_sub(path, 1, path.len);
    m->param_count = 0;
    if (e->count == 0)
        return rest.len == 0;
    for (size_t i = 0; i < e->count; i++) {
        const struct segment *seg = &e->segments[i];
        bool last = i + 1 == e->count;
        if (seg->kind == SEGMENT_REST) {
            m->params[m->param_count++] = rest;
            return is_param(rest, ROUTE_REST_BYTES_MAX, true);
        }
        const char *slash = rest.len == 0 ? NULL : memchr(rest.ptr, '/', rest.len);
        if (last != (slash == NULL))
            return false;
        size_t len = slash == NULL ? rest.len : (size_t)(slash - rest.ptr);
        struct str part = str_sub(rest, 0, len);
        if (seg->kind == SEGMENT_LITERAL) {
            if (!str_eq(part, seg->text))
                return false;
        } else {
            if (!is_param(part, ROUTE_PARAM_BYTES_MAX, false))
                return false;
            m->params[m->param_count++] = part;
        }
        rest = str_sub(rest, len + 1, rest.len);
    }
    return true;
}

void route_find(const struct route_table *table, enum method method, struct str path,
                struct route_match *ret_match)
{
    static const char *const ALLOW[] = {NULL, "GET, HEAD", "POST", "GET, HEAD, POST"};
    *ret_match = (struct route_match){0};
    if (path.len == 0 || path.ptr[0] != '/')
        return;
    unsigned others = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct entry *e = &table->entries[i];
        struct route_match m = {0};
        if (!fits(e, path, &m))
            continue;
        if (e->route->method == method) {
            *ret_match = m;
            ret_match->route = e->route;
            ret_match->path_known = true;
            return;
        }
        others |= e->route->method == METHOD_GET ? 1u : 2u;
    }
    ret_match->path_known = others != 0;
    ret_match->allow = ALLOW[others];
}
