/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pack: loads a folder of rules; what is small is read here, the rest in pack_*.c. */
#include "spine/pack.h"

#include "base/mem.h"
#include "lib/text/msg.h"
#include "lib/text/zone.h"
#include "spine/pack_read.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PACK_BYTES_MAX = 48 * 1024 * 1024 };

static const char *const LETTERS[] = {"",         "intake",    "receipt",  "accept",
                                      "refuse",   "misdirect", "forward",  "extend",
                                      "decision", "review",    "delivery", NULL};
static const char *const HARMS[] = {"",          "fire",     "explosion",  "collapse",  "traffic",
                                    "poisoning", "epidemic", "injury",     "self_harm", "violence",
                                    "weather",   "flood",    "earthquake", "outage",    "release",
                                    "near_miss", NULL};
static const char *const TRIGGERS[] = {"",       "reading", "warning", "alarm",
                                       "danger", "finding", "outage",  NULL};
static const char *const AFTERS[] = {"", "none", "body", NULL};
/* Steps of a route: commands of a matter. */
static const char *const STEPS[] = {"",         "receive",  "route",    "admit",  "refer",
                                    "handle",   "hear",     "mediate",  "answer", "deliver",
                                    "review_1", "review_2", "conclude", NULL};

/* ---- looking up -------------------------------------------------------------------------------
 */

const struct pack_kind *pack_find_kind(const struct pack *p, struct str id)
{
    for (size_t i = 0; i < p->kind_count; i++) {
        if (str_eq(p->kind[i].id, id))
            return &p->kind[i];
    }
    return NULL;
}

const struct pack_route *pack_find_route(const struct pack *p, struct str id)
{
    for (size_t i = 0; i < p->route_count; i++) {
        if (str_eq(p->route[i].id, id))
            return &p->route[i];
    }
    return NULL;
}

const struct due_rule *pack_find_due(const struct pack *p, struct str id)
{
    for (size_t i = 0; i < p->due_count; i++) {
        struct str full = p->due[i].id;
        if (str_eq(full, id) ||
            (full.len > p->id.len && str_eq(str_sub(full, p->id.len + 1, full.len), id)))
            return &p->due[i];
    }
    return NULL;
}

const struct calendar *pack_find_calendar(const struct pack *p, struct str id)
{
    for (size_t i = 0; i < p->calendar_count; i++) {
        if (str_eq(p->calendar[i]->id, id))
            return p->calendar[i];
    }
    return NULL;
}

const struct pack_letter *pack_find_letter(const struct pack *p, enum pack_letter_base base)
{
    for (size_t i = 0; i < p->letter_count; i++) {
        if (p->letter[i].base == base)
            return &p->letter[i];
    }
    return NULL;
}

struct str pack_message(const struct pack *p, const char *id, struct str lang)
{
    for (size_t i = 0; i < p->message_count; i++) {
        if (str_eq_c(p->message[i].id, id))
            return wording_pick(&p->message[i].text, lang);
    }
    return STR_NULL;
}

struct str pack_term(const struct pack *p, const char *id, struct str lang)
{
    for (size_t i = 0; i < p->term_count; i++) {
        if (str_eq_c(p->term[i].id, id))
            return wording_pick(&p->term[i].name, lang);
    }
    return STR_NULL;
}

struct str pack_letter_code(enum pack_letter_base base)
{
    return (unsigned)base < PACK_LETTER_COUNT ? str_of(LETTERS[base]) : STR("");
}

/* ---- lists of pack.json
 * ---------------------------------------------------------------------------- */

/* The objects of a list, or NULL; what is no object is a fault. */
static const struct json *object_list(struct pack_reader *r, const struct json *top,
                                      const char *name, bool required)
{
    const struct json *list = pack_member(r, top, name, JSON_KIND_ARRAY, required);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (list->item[i].kind != JSON_KIND_OBJECT) {
            pack_fault(r, &list->item[i], "kind", STR("object"), STR_NULL);
            return NULL;
        }
    }
    return list;
}

static void read_sources(struct pack_reader *r, const struct json *top, struct pack *p)
{
    static const char *const NAMES[] = {"id", "title", "date", "url", NULL};
    const struct json *list = object_list(r, top, "sources", true);
    if (list == NULL)
        return;
    struct pack_source *s = pack_array(r, list->count, sizeof(*s));
    for (size_t i = 0; s != NULL && i < list->count; i++) {
        pack_only(r, &list->item[i], NAMES);
        s[i].id = pack_id(r, &list->item[i], "id", true);
        s[i].title = pack_wording(r, &list->item[i], "title", PACK_LABEL_UNSET, true);
        s[i].date = pack_date(r, &list->item[i], "date");
        s[i].url = pack_text(r, &list->item[i], "url", 400, false);
    }
    p->source = s;
    p->source_count = s == NULL ? 0 : list->count;
}

static void read_routes(struct pack_reader *r, const struct json *top, struct pack *p)
{
    static const char *const NAMES[] = {"id", "name", "steps", "outside", NULL};
    const struct json *list = object_list(r, top, "routes", true);
    if (list == NULL)
        return;
    struct pack_route *route = pack_array(r, list->count, sizeof(*route));
    for (size_t i = 0; route != NULL && i < list->count; i++) {
        const struct json *at = &list->item[i];
        pack_only(r, at, NAMES);
        route[i].id = pack_id(r, at, "id", true);
        route[i].name = pack_wording(r, at, "name", PACK_LABEL_ANY, true);
        route[i].outside = pack_truth(r, at, "outside", false);
        route[i].step = pack_strs(r, at, "steps", &route[i].step_count);
        for (size_t k = 0; k < route[i].step_count; k++) {
            bool known = false;
            for (int w = 1; STEPS[w] != NULL; w++)
                known = known || str_eq_c(route[i].step[k], STEPS[w]);
            if (!known)
                pack_fault(r, jsonr_find(at, "steps"), "no_step", route[i].step[k], STR_NULL);
        }
        if (route[i].step_count == 0)
            pack_fault(r, at, "missing", STR("steps"), STR_NULL);
    }
    p->route = route;
    p->route_count = route == NULL ? 0 : list->count;
}

static const struct due_rule *review_due(struct pack_reader *r, const struct json *level,
                                         const char *name, enum due_side side, const struct pack *p)
{
    struct str id = pack_id(r, level, name, true);
    if (id.len == 0)
        return NULL;
    const struct due_rule *due = pack_find_due(p, id);
    if (due == NULL)
        pack_fault(r, jsonr_find(level, name), "no_due", id, STR_NULL);
    else if (due->side != side)
        pack_fault(r, jsonr_find(level, name),
                   side == DUE_PERSON ? "due_side_person" : "due_side_office", id, STR_NULL);
    return due;
}

static void read_review(struct pack_reader *r, const struct json *top, struct pack *p)
{
    static const char *const NAMES[] = {"levels", "after_review", "after", NULL};
    static const char *const LEVEL[] = {"id", "name", "ask", "decide", NULL};
    const struct json *review = pack_member(r, top, "review", JSON_KIND_OBJECT, true);
    if (review == NULL)
        return;
    pack_only(r, review, NAMES);
    p->after_review = (enum pack_after_review)pack_word(r, review, "after_review", AFTERS, true);
    p->after_body = pack_wording(r, review, "after", PACK_LABEL_ANY, true);
    const struct json *list = object_list(r, review, "levels", true);
    if (list == NULL)
        return;
    if (list->count == 0 || list->count > 2)
        pack_fault(r, list, "review_levels", STR_NULL, STR_NULL);
    struct pack_review *level = pack_array(r, list->count, sizeof(*level));
    for (size_t i = 0; level != NULL && i < list->count; i++) {
        const struct json *at = &list->item[i];
        pack_only(r, at, LEVEL);
        level[i].id = pack_id(r, at, "id", true);
        if (i < 2 && level[i].id.len > 0 &&
            !str_eq_c(level[i].id, i == 0 ? "review_1" : "review_2"))
            pack_fault(r, jsonr_find(at, "id"), "word", level[i].id, STR("review_1, review_2"));
        level[i].name = pack_wording(r, at, "name", PACK_LABEL_ANY, true);
        level[i].ask = review_due(r, at, "ask", DUE_PERSON, p);
        level[i].decide = review_due(r, at, "decide", DUE_OFFICE, p);
    }
    p->review = level;
    p->review_count = level == NULL ? 0 : list->count;
}

static void read_letters(struct pack_reader *r, const struct json *top, struct pack *p)
{
    static const char *const NAMES[] = {"id", "base", "name", "series", NULL};
    const struct json *list = object_list(r, top, "letters", true);
    if (list == NULL)
        return;
    struct pack_letter *letter = pack_array(r, list->count, sizeof(*letter));
    for (size_t i = 0; letter != NULL && i < list->count; i++) {
        const struct json *at = &list->item[i];
        pack_only(r, at, NAMES);
        letter[i].id = pack_id(r, at, "id", true);
        letter[i].base = (enum pack_letter_base)pack_word(r, at, "base", LETTERS, true);
        letter[i].name = pack_wording(r, at, "name", PACK_LABEL_ANY, true);
        letter[i].series = pack_text(r, at, "series", 24, false);
        for (size_t k = 0; k < i; k++) {
            if (letter[i].base != PACK_LETTER_UNSET && letter[k].base == letter[i].base)
                pack_fault(r, at, "twice", pack_letter_code(letter[i].base), STR_NULL);
        }
    }
    p->letter = letter;
    p->letter_count = letter == NULL ? 0 : list->count;
}

static void read_incidents(struct pack_reader *r, const struct json *top, struct pack *p)
{
    static const char *const NAMES[] = {"kinds", "triggers", NULL};
    static const char *const ENTRY[] = {"id", "base", "name", NULL};
    const struct json *incidents = pack_member(r, top, "incidents", JSON_KIND_OBJECT, false);
    pack_only(r, incidents, NAMES);
    const struct json *list = object_list(r, incidents, "kinds", false);
    struct pack_incident *kind = pack_array(r, list == NULL ? 0 : list->count, sizeof(*kind));
    for (size_t i = 0; list != NULL && kind != NULL && i < list->count; i++) {
        pack_only(r, &list->item[i], ENTRY);
        kind[i].id = pack_id(r, &list->item[i], "id", true);
        kind[i].base = (enum pack_harm)pack_word(r, &list->item[i], "base", HARMS, true);
        kind[i].name = pack_wording(r, &list->item[i], "name", PACK_LABEL_ANY, true);
    }
    p->incident = kind;
    p->incident_count = list == NULL || kind == NULL ? 0 : list->count;
    list = object_list(r, incidents, "triggers", false);
    struct pack_start *start = pack_array(r, list == NULL ? 0 : list->count, sizeof(*start));
    for (size_t i = 0; list != NULL && start != NULL && i < list->count; i++) {
        pack_only(r, &list->item[i], ENTRY);
        start[i].id = pack_id(r, &list->item[i], "id", true);
        start[i].base = (enum pack_trigger)pack_word(r, &list->item[i], "base", TRIGGERS, true);
        start[i].name = pack_wording(r, &list->item[i], "name", PACK_LABEL_ANY, true);
    }
    p->trigger = start;
    p->trigger_count = list == NULL || start == NULL ? 0 : list->count;
}

static void read_numbers(struct pack_reader *r, const struct json *top, struct pack *p)
{
    static const char *const NAMES[] = {"number", "name", NULL};
    const struct json *list = object_list(r, top, "danger_numbers", true);
    if (list == NULL)
        return;
    if (list->count == 0)
        pack_fault(r, list, "no_numbers", STR_NULL, STR_NULL);
    struct pack_number *number = pack_array(r, list->count, sizeof(*number));
    for (size_t i = 0; number != NULL && i < list->count; i++) {
        pack_only(r, &list->item[i], NAMES);
        number[i].number = pack_text(r, &list->item[i], "number", 24, true);
        number[i].name = pack_wording(r, &list->item[i], "name", PACK_LABEL_ANY, true);
    }
    p->danger_number = number;
    p->danger_number_count = number == NULL ? 0 : list->count;
}

static int32_t retention_days(struct pack_reader *r, const struct json *at, const char *name,
                              int32_t fallback)
{
    return at == NULL ? fallback : pack_int(r, at, name, 1, 36500, fallback);
}

static void read_limits(struct pack_reader *r, const struct json *top, struct pack *p)
{
    static const char *const GROUP[] = {"max_representatives", NULL};
    static const char *const RECEPTION[] = {"group_hours", NULL};
    static const char *const RETENTION[] = {"identity_days", "content_days", "skeleton_days", NULL};
    const struct json *group = pack_member(r, top, "group", JSON_KIND_OBJECT, false);
    pack_only(r, group, GROUP);
    p->representatives_max =
        group == NULL ? 5 : pack_int(r, group, "max_representatives", 1, 100, 5);
    const struct json *reception = pack_member(r, top, "reception", JSON_KIND_OBJECT, false);
    pack_only(r, reception, RECEPTION);
    p->reception_hours = reception == NULL ? 0 : pack_int(r, reception, "group_hours", 1, 72, 0);
    const struct json *keep = pack_member(r, top, "retention", JSON_KIND_OBJECT, false);
    pack_only(r, keep, RETENTION);
    p->retention.identity_days = retention_days(r, keep, "identity_days", 30);
    p->retention.content_days = retention_days(r, keep, "content_days", 730);
    p->retention.skeleton_days = retention_days(r, keep, "skeleton_days", 1826);
    if (p->retention.identity_days > p->retention.content_days ||
        p->retention.content_days > p->retention.skeleton_days)
        pack_fault(r, keep, "retention_order", STR_NULL, STR_NULL);
}

/* ---- calendars, messages, terms
 * ---------------------------------------------------------------------- */

static void read_calendars(struct pack_reader *r, const char *dir, const struct json *top,
                           struct pack *p)
{
    size_t count = 0;
    const struct str *ids = pack_strs(r, top, "calendars", &count);
    const struct calendar **list = pack_array(r, count, sizeof(struct calendar *));
    if (list == NULL)
        return;
    struct str back = r->file;
    size_t read = 0;
    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof(name), "calendar/" STR_FMT ".json", STR_ARG(str_sub(ids[i], 0, 16)));
        const struct json *calendar_top = NULL;
        enum err err = str_find(ids[i], STR("/")) == SIZE_MAX
                           ? pack_file(r, dir, name, &calendar_top)
                           : ERR_NOT_FOUND;
        r->nomem = r->nomem || err == ERR_NOMEM;
        const struct calendar *c = err == ERR_OK ? pack_read_calendar(r, calendar_top) : NULL;
        if (c != NULL && !str_eq(c->id, ids[i]))
            pack_fault(r, calendar_top, "calendar_name", ids[i], STR_NULL);
        r->file = back;
        if (err == ERR_NOT_FOUND)
            pack_fault(r, &jsonr_find(top, "calendars")->item[i], "no_calendar_file", ids[i],
                       STR_NULL);
        if (c != NULL)
            list[read++] = c;
    }
    p->calendar = list;
    p->calendar_count = read;
}

/* `<name>.<language>.json` for every language: one flat object of texts. Fills ids and texts; all
 * files must have the same ids. */
struct texts {
    struct str *id;
    struct wording_in *in; /* count * languages */
    size_t count;
};

static size_t find_text(const struct texts *t, struct str id)
{
    for (size_t i = 0; i < t->count; i++) {
        if (str_eq(t->id[i], id))
            return i;
    }
    return SIZE_MAX;
}

static void take_texts(struct pack_reader *r, const struct json *top, size_t language,
                       struct texts *t)
{
    if (top->kind != JSON_KIND_OBJECT) {
        pack_fault(r, top, "kind", STR("object"), STR_NULL);
        return;
    }
    if (language == 0) {
        t->id = pack_array(r, top->count, sizeof(*t->id));
        t->in = pack_array(r, top->count * r->language_count, sizeof(*t->in));
        if (t->id == NULL || t->in == NULL)
            return;
    }
    for (size_t i = 0; i < top->count; i++) {
        size_t at = language == 0 ? t->count : find_text(t, top->name[i]);
        if (at == SIZE_MAX) {
            pack_fault(r, &top->item[i], "text_extra", top->name[i], r->language[0]);
            continue;
        }
        if (top->item[i].kind != JSON_KIND_STRING) {
            pack_fault(r, &top->item[i], "kind", STR("text"), STR_NULL);
            continue;
        }
        if (language == 0)
            t->id[t->count++] = top->name[i];
        pack_check_label(r, &top->item[i], PACK_LABEL_ANY, top->item[i].text);
        t->in[at * r->language_count + language] =
            (struct wording_in){.lang = r->language[language], .text = top->item[i].text};
    }
    for (size_t i = 0; i < t->count; i++) {
        if (t->in[i * r->language_count + language].text.ptr == NULL)
            pack_fault(r, top, "missing", t->id[i], STR_NULL);
    }
}

static struct texts read_texts(struct pack_reader *r, const char *dir, const char *name)
{
    struct texts t = {0};
    for (size_t i = 0; i < r->language_count; i++) {
        char file[64];
        snprintf(file, sizeof(file), "%s." STR_FMT ".json", name,
                 STR_ARG(str_sub(r->language[i], 0, 16)));
        const struct json *top = NULL;
        enum err err = pack_file(r, dir, file, &top);
        r->nomem = r->nomem || err == ERR_NOMEM;
        if (err == ERR_NOT_FOUND && (i == 0 || t.count == 0))
            continue;
        if (err == ERR_NOT_FOUND)
            pack_fault_file(r, 0, "no_file", str_of(file));
        if (err == ERR_OK)
            take_texts(r, top, i, &t);
    }
    return t;
}

static void read_messages(struct pack_reader *r, const char *dir, struct pack *p)
{
    struct texts t = read_texts(r, dir, "messages");
    struct pack_message *message = pack_array(r, t.count, sizeof(*message));
    for (size_t i = 0; message != NULL && i < t.count; i++) {
        message[i].id = t.id[i];
        message[i].text = (struct wording){&t.in[i * r->language_count], r->language_count};
    }
    p->message = message;
    p->message_count = message == NULL ? 0 : t.count;
    t = read_texts(r, dir, "terms");
    struct pack_term *term = pack_array(r, t.count, sizeof(*term));
    for (size_t i = 0; term != NULL && i < t.count; i++) {
        term[i].id = t.id[i];
        term[i].name = (struct wording){&t.in[i * r->language_count], r->language_count};
    }
    p->term = term;
    p->term_count = term == NULL ? 0 : t.count;
}

/* ---- loading
 * ------------------------------------------------------------------------------------------- */

static void read_head(struct pack_reader *r, const struct json *top, struct pack *p)
{
    static const char *const NAMES[] = {
        "$schema",   "format",         "id",      "version",   "jurisdiction", "zone",
        "languages", "name",           "sources", "calendars", "kinds",        "routes",
        "dues",      "review",         "group",   "reception", "letters",      "retention",
        "incidents", "danger_numbers", NULL};
    static const char *const FORMATS[] = {"", "huiyin-pack/1", NULL};
    pack_only(r, top, NAMES);
    (void)pack_word(r, top, "format", FORMATS, true);
    p->id = pack_id(r, top, "id", true);
    p->version = pack_text(r, top, "version", 16, true);
    p->name_version = pack_printf(r, STR_FMT "@" STR_FMT, STR_ARG(p->id), STR_ARG(p->version));
    p->jurisdiction = pack_text(r, top, "jurisdiction", 16, true);
    p->zone = pack_text(r, top, "zone", 48, true);
    if (p->zone.len > 0 && zone_find(p->zone) == NULL)
        pack_fault(r, jsonr_find(top, "zone"), "no_zone", p->zone, STR_NULL);
    p->language = pack_strs(r, top, "languages", &p->language_count);
    if (p->language_count == 0 || p->language_count > 16)
        pack_fault(r, top, "no_languages", STR_NULL, STR_NULL);
    r->language = p->language;
    r->language_count = p->language_count > 16 ? 16 : p->language_count;
    p->name = pack_wording(r, top, "name", PACK_LABEL_ANY, true);
}

static void read_all(struct pack_reader *r, const char *dir, const struct json *top, struct pack *p)
{
    if (top->kind != JSON_KIND_OBJECT) {
        pack_fault(r, top, "kind", STR("object"), STR_NULL);
        return;
    }
    read_head(r, top, p);
    read_sources(r, top, p);
    read_calendars(r, dir, top, p);
    pack_read_dues(r, top, p);
    read_routes(r, top, p);
    pack_read_kinds(r, top, p);
    read_review(r, top, p);
    read_letters(r, top, p);
    read_incidents(r, top, p);
    read_numbers(r, top, p);
    read_limits(r, top, p);
    read_messages(r, dir, p);
}

static enum err load_into(struct pack *p, const char *dir, const char *refused_dir,
                          struct pack_faults *faults, struct err_info *info)
{
    struct pack_reader r = {.a = p->arena, .faults = faults, .file = STR("pack.json")};
    if (refused_dir == NULL)
        refused_dir = arena_printf(p->arena, "%s/..", dir);
    TRY(pack_refused_load(p->arena, refused_dir, info, &r.refused));
    const struct json *top = NULL;
    enum err err = pack_file(&r, dir, "pack.json", &top);
    if (err == ERR_NOT_FOUND) {
        enum err set = err_set(info, err, "pack.not_found", "%s/pack.json", dir);
        if (info != NULL)
            err_arg(info, 0, dir);
        return set;
    }
    if (err == ERR_OK)
        read_all(&r, dir, top, p);
    if (r.nomem || err == ERR_NOMEM)
        return err_set(info, ERR_NOMEM, NULL, "reading %s", dir);
    if (faults->count > 0) {
        enum err set =
            err_set(info, ERR_INVALID, "pack.faulty", "%s: %zu faults", dir, faults->count);
        if (info != NULL)
            err_arg(info, 0, dir);
        return set;
    }
    return err;
}

enum err pack_load(const char *dir, const char *refused_dir, struct pack_faults *faults,
                   struct err_info *info, const struct pack **ret_pack)
{
    struct arena *arena = mem_new(sizeof(*arena));
    if (arena == NULL)
        return ERR_NOMEM;
    arena_init(arena, PACK_BYTES_MAX);
    struct pack *p = ARENA_NEW(arena, struct pack);
    enum err err = ERR_NOMEM;
    if (p != NULL) {
        p->arena = arena;
        err = load_into(p, dir, refused_dir, faults, info);
    }
    if (err != ERR_OK) {
        arena_done(arena);
        mem_free(arena);
        return err;
    }
    *ret_pack = p;
    return ERR_OK;
}

void pack_free(const struct pack *p)
{
    if (p == NULL)
        return;
    struct arena *arena = p->arena;
    arena_done(arena);
    mem_free(arena);
}

/* ---- where packs are
 * ------------------------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat st;
    return path != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum err pack_find_dir(struct arena *a, const char *given, struct err_info *info,
                       const char **ret_dir)
{
    const char *named = given != NULL ? given : getenv("HUIYIN_PACKS");
    if (named != NULL) {
        if (!is_folder(named)) {
            enum err err = err_set(info, ERR_NOT_FOUND, "pack.no_folder", "%s", named);
            if (info != NULL)
                err_arg(info, 0, named);
            return err;
        }
        *ret_dir = named;
        return ERR_OK;
    }
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash != NULL)
        *slash = '\0';
    const char *tries[] = {
        "packs",
        arena_printf(a, "%s/../packs", program),
        arena_printf(a, "%s/../share/huiyin/packs", program),
    };
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        if (is_folder(tries[i])) {
            *ret_dir = tries[i];
            return ERR_OK;
        }
    }
    enum err err = err_set(info, ERR_NOT_FOUND, "pack.no_folder", "no packs beside %s", program);
    if (info != NULL)
        err_arg(info, 0, "packs");
    return err;
}

/* ---- faults in words
 * ---------------------------------------------------------------------------------------- */

void pack_fault_print(const struct pack_fault *fault, struct str lang, struct buf *b)
{
    const struct msg_lang *language = msg_lang_find(lang);
    if (language == NULL)
        language = msg_lang_at(0);
    buf_str(b, fault->file);
    if (fault->line > 0)
        buf_printf(b, ":%d", (int)fault->line);
    buf_c(b, ": ");
    buf_str(b, fault->path);
    buf_c(b, ": ");
    struct msg_arg args[] = {msg_text("0", fault->arg[0]), msg_text("1", fault->arg[1]),
                             msg_text("2", fault->arg[2])};
    msg_put(b, language, msg_key_find(fault->key), args, 3);
}
