/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reach/import_map.h"

#include "base/mem.h"
#include "lib/json/jsonr.h"
#include "lib/text/msg.h"
#include "matter/matter.h"

#include <errno.h>

enum { MAP_BYTES_MAX = 1 << 20, USES_MAX = 4, SOURCE_BYTES_MAX = 64 };

static const char *const target_words[IMPORT_TARGET_COUNT] = {
    [TO_NOWHERE] = "",
    [TO_TITLE] = "title",
    [TO_TEXT] = "text",
    [TO_WISH] = "wish",
    [TO_PLACE] = "place",
    [TO_NOTE] = "note",
    [TO_RECEIVED] = "received",
    [TO_HAPPENED] = "happened",
    [TO_STATUS] = "status",
    [TO_CONCLUDED] = "concluded",
    [TO_KIND] = "kind",
    [TO_CHANNEL] = "channel",
    [TO_LANG] = "lang",
    [TO_OUTCOME] = "outcome",
    [TO_ANSWER_TEXT] = "answer.text",
    [TO_ANSWER_DELIVERED] = "answer.delivered",
    [TO_IDENTITY_NAME] = "identity.name",
    [TO_IDENTITY_EMAIL] = "identity.email",
    [TO_IDENTITY_PHONE] = "identity.phone",
    [TO_IDENTITY_POSTAL] = "identity.postal",
    [TO_IDENTITY_OTHER] = "identity.other",
};

enum import_target import_target_of_word(struct str word)
{
    for (enum import_target t = TO_TITLE; t < IMPORT_TARGET_COUNT; t++)
        if (str_eq_c(word, target_words[t]))
            return t;
    return TO_NOWHERE;
}

static bool is_date(enum import_target to)
{
    return to == TO_RECEIVED || to == TO_HAPPENED || to == TO_CONCLUDED ||
           to == TO_ANSWER_DELIVERED;
}

/* Several columns may go there and stand one under another. */
static bool takes_several(enum import_target to)
{
    return to == TO_TEXT || to == TO_NOTE || to == TO_PLACE || to == TO_ANSWER_TEXT;
}

/* ---- faults ------------------------------------------------------------------------------------
 */

static void add_fault(struct import_faults *f, struct str path, int32_t line, const char *key,
                      struct str arg0, struct str arg1)
{
    if (f->count == IMPORT_FAULTS_MAX) {
        f->more = true;
        return;
    }
    struct import_fault *fault = &f->fault[f->count++];
    *fault = (struct import_fault){.path = path, .line = line};
    (void)err_set(&fault->why, ERR_INVALID, key, "map");
    err_arg(&fault->why, 0, str_c(f->arena, arg0));
    err_arg(&fault->why, 1, str_c(f->arena, arg1));
}

struct loading {
    struct arena *a;
    struct import_faults *faults;
    struct import_map *map;
    const struct json *top;
    struct import_column *columns;
    uint32_t seen; /* bits 1 << target */
};

static void fault(struct loading *l, const struct json *at, const char *key, struct str arg0,
                  struct str arg1)
{
    CLEANUP(buf_done) struct buf path;
    buf_init(&path, 4096);
    jsonr_path(at, &path);
    int32_t line = at == NULL ? 0 : at->line;
    add_fault(l->faults, str_copy(l->a, buf_view(&path)), line, key, arg0, arg1);
}

/* ---- the members of the map ---------------------------------------------------------------------
 */

static void check_members(struct loading *l, const struct json *object, const char *const *names)
{
    for (size_t i = 0; i < object->count; i++) {
        bool is_known = false;
        for (size_t k = 0; names[k] != NULL; k++)
            is_known = is_known || str_eq_c(object->name[i], names[k]);
        if (!is_known)
            fault(l, &object->item[i], "import.map.unknown", object->name[i], STR(""));
    }
}

static struct str text_member(struct loading *l, const struct json *object, const char *name)
{
    const struct json *value = jsonr_find(object, name);
    struct str text = STR_NULL;
    if (value != NULL && !jsonr_str(value, &text))
        fault(l, value, "import.map.text", str_of(name), STR(""));
    return text;
}

static const struct zone *zone_member(struct loading *l, const struct json *object)
{
    const struct str name = text_member(l, object, "zone");
    if (name.len == 0)
        return NULL;
    const struct zone *zone = zone_find(name);
    if (zone == NULL)
        fault(l, jsonr_find(object, "zone"), "import.map.zone", name, STR(""));
    return zone;
}

static void load_source(struct loading *l)
{
    struct import_map *m = l->map;
    m->source = text_member(l, l->top, "source");
    if (m->source.len == 0 || m->source.len > SOURCE_BYTES_MAX)
        fault(l, l->top, "import.map.source", STR(""), STR(""));
    const struct str encoding = text_member(l, l->top, "encoding");
    if (encoding.len > 0 && !str_eq_c(encoding, "auto")) {
        m->encoding = charset_find(encoding);
        if (m->encoding == CHARSET_UNKNOWN)
            fault(l, jsonr_find(l->top, "encoding"), "import.map.encoding", encoding, STR(""));
    }
    const struct str separator = text_member(l, l->top, "separator");
    if (separator.len == 1 && strchr(",;\t", separator.ptr[0]) != NULL)
        m->separator = separator.ptr[0];
    else if (!str_is_null(separator))
        fault(l, jsonr_find(l->top, "separator"), "import.map.separator", separator, STR(""));
    m->lang = text_member(l, l->top, "lang");
    if (m->lang.len > 0 && msg_lang_find(m->lang) == NULL)
        fault(l, jsonr_find(l->top, "lang"), "import.map.word", m->lang, STR("lang"));
    m->zone = zone_member(l, l->top);
}

static void load_key(struct loading *l)
{
    const struct json *key = jsonr_find(l->top, "key");
    struct str name;
    if (jsonr_str(key, &name)) {
        l->map->key[l->map->key_count++] = name;
    } else if (key != NULL && key->kind == JSON_KIND_ARRAY && key->count <= IMPORT_KEYS_MAX) {
        for (size_t i = 0; i < key->count; i++)
            if (jsonr_str(&key->item[i], &name))
                l->map->key[l->map->key_count++] = name;
    }
    if (l->map->key_count == 0)
        fault(l, key != NULL ? key : l->top, "import.map.key", STR(""), STR(""));
    for (size_t i = 0; i < l->map->key_count; i++)
        if (import_person_of(l->map->key[i]) != IMPORT_NO_PERSON)
            fault(l, key, "import.map.key_person", l->map->key[i], STR(""));
}

static struct str load_const(struct loading *l, const char *name)
{
    const struct json *member = jsonr_find(l->top, name);
    if (member == NULL)
        return STR_NULL;
    const struct str text = text_member(l, member, "const");
    enum matter_channel channel;
    if (text.len == 0)
        fault(l, member, "import.map.const", str_of(name), STR(""));
    else if (str_eq_c(str_of(name), "channel") && !matter_channel_of_word(text, &channel))
        fault(l, member, "import.map.word", text, str_of(name));
    return text;
}

/* ---- columns ------------------------------------------------------------------------------------
 */

static bool is_word_for(enum import_target to, struct str word)
{
    enum matter_channel channel;
    enum matter_outcome outcome;
    switch ((int)to) {
    case TO_STATUS:
        return str_eq_c(word, "open") || str_eq_c(word, "concluded");
    case TO_CHANNEL:
        return matter_channel_of_word(word, &channel);
    case TO_OUTCOME:
        return word.len == 0 || matter_outcome_of_word(word, &outcome);
    case TO_LANG:
        return msg_lang_find(word) != NULL;
    default:
        return true;
    }
}

static void load_values(struct loading *l, const struct json *values, struct import_use *use)
{
    if (values == NULL)
        return;
    struct import_value *list = ARENA_ARRAY(l->a, values->count + 1, struct import_value);
    if (list == NULL || values->kind != JSON_KIND_OBJECT) {
        fault(l, values, "import.map.values", STR(""), STR(""));
        return;
    }
    for (size_t i = 0; i < values->count; i++) {
        struct str to;
        if (!jsonr_str(&values->item[i], &to)) {
            fault(l, &values->item[i], "import.map.text", values->name[i], STR(""));
            continue;
        }
        if (!is_word_for(use->to, to))
            fault(l, &values->item[i], "import.map.word", to, str_of(target_words[use->to]));
        list[use->value_count++] = (struct import_value){.from = values->name[i], .to = to};
    }
    use->values = list;
}

static void load_use_object(struct loading *l, const struct json *at, struct import_use *use)
{
    static const char *const members[] = {"to", "format", "zone", "values", NULL};
    check_members(l, at, members);
    const struct str to = text_member(l, at, "to");
    use->to = import_target_of_word(to);
    if (use->to == TO_NOWHERE) {
        fault(l, at, "import.map.target", to, STR(""));
        return;
    }
    const struct str format = text_member(l, at, "format");
    const bool has_dates = format.len > 0 || jsonr_find(at, "zone") != NULL;
    if (format.len > 0 && !import_dates_of_word(format, &use->dates))
        fault(l, jsonr_find(at, "format"), "import.map.format", format, STR(""));
    else if (has_dates && !is_date(use->to))
        fault(l, at, "import.map.not_date", to, STR(""));
    use->zone = zone_member(l, at);
    load_values(l, jsonr_find(at, "values"), use);
}

static void load_use(struct loading *l, const struct json *at, const struct import_column *column,
                     struct import_use *use)
{
    struct str word;
    if (jsonr_str(at, &word)) {
        use->to = import_target_of_word(word);
        if (use->to == TO_NOWHERE)
            fault(l, at, "import.map.target", word, STR(""));
    } else if (at->kind == JSON_KIND_OBJECT) {
        load_use_object(l, at, use);
    } else {
        fault(l, at, "import.map.column", column->name, STR(""));
    }
    if (use->to == TO_NOWHERE)
        return;
    const bool is_identity = use->to >= TO_IDENTITY_NAME;
    if (column->person == IMPORT_FORBIDDEN)
        fault(l, at, "import.map.forbidden", column->name, STR(""));
    else if (column->person == IMPORT_PERSON && !is_identity)
        fault(l, at, "import.map.person", column->name, str_of(target_words[use->to]));
    if ((l->seen >> use->to & 1) != 0 && !takes_several(use->to))
        fault(l, at, "import.map.twice", column->name, str_of(target_words[use->to]));
    l->seen |= 1U << use->to;
}

static void load_column(struct loading *l, const struct json *at, struct str name)
{
    struct import_column *column = &l->columns[l->map->column_count++];
    *column = (struct import_column){.name = name, .person = import_person_of(name)};
    const bool is_list = at->kind == JSON_KIND_ARRAY;
    const size_t count = is_list ? at->count : 1;
    struct import_use *uses = ARENA_ARRAY(l->a, count + 1, struct import_use);
    if (uses == NULL || count == 0 || count > USES_MAX) {
        fault(l, at, "import.map.column", name, STR(""));
        return;
    }
    for (size_t i = 0; i < count; i++)
        load_use(l, is_list ? &at->item[i] : at, column, &uses[i]);
    column->uses = uses;
    column->use_count = count;
}

static const struct import_column *column_find(const struct import_map *map, struct str name)
{
    for (size_t i = 0; i < map->column_count; i++)
        if (str_eq(map->columns[i].name, name))
            return &map->columns[i];
    return NULL;
}

static void load_drops(struct loading *l, const struct json *drop)
{
    if (drop == NULL)
        return;
    if (drop->kind != JSON_KIND_ARRAY) {
        fault(l, drop, "import.map.drop", STR(""), STR(""));
        return;
    }
    for (size_t i = 0; i < drop->count; i++) {
        struct str name;
        if (!jsonr_str(&drop->item[i], &name))
            fault(l, &drop->item[i], "import.map.drop", STR(""), STR(""));
        else if (column_find(l->map, name) != NULL)
            fault(l, &drop->item[i], "import.map.both", name, STR(""));
        else
            l->columns[l->map->column_count++] =
                (struct import_column){.name = name, .person = import_person_of(name)};
    }
}

static enum err load_columns(struct loading *l)
{
    const struct json *columns = jsonr_find(l->top, "columns");
    const struct json *drop = jsonr_find(l->top, "drop");
    if (columns == NULL || columns->kind != JSON_KIND_OBJECT) {
        fault(l, columns != NULL ? columns : l->top, "import.map.columns", STR(""), STR(""));
        return ERR_OK;
    }
    const size_t most = columns->count + (drop != NULL ? drop->count : 0) + IMPORT_KEYS_MAX;
    l->columns = ARENA_ARRAY(l->a, most, struct import_column);
    if (l->columns == NULL)
        return ERR_NOMEM;
    l->map->columns = l->columns;
    for (size_t i = 0; i < columns->count; i++)
        load_column(l, &columns->item[i], columns->name[i]);
    load_drops(l, drop);
    /* The key need not be told twice. */
    for (size_t i = 0; i < l->map->key_count; i++)
        if (column_find(l->map, l->map->key[i]) == NULL)
            l->columns[l->map->column_count++] = (struct import_column){.name = l->map->key[i]};
    const uint32_t raised = 1U << TO_TITLE | 1U << TO_TEXT;
    if ((l->seen & raised) == 0)
        fault(l, columns, "import.map.people", STR(""), STR(""));
    if ((l->seen >> TO_RECEIVED & 1) == 0)
        fault(l, columns, "import.map.received", STR(""), STR(""));
    if (l->map->kind.len == 0 && (l->seen >> TO_KIND & 1) == 0)
        fault(l, l->top, "import.map.kind", STR(""), STR(""));
    return ERR_OK;
}

/* ---- the file -----------------------------------------------------------------------------------
 */

static enum err read_file(const char *path, struct buf *out, struct err_info *info)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        const bool is_absent = errno == ENOENT;
        (void)err_set(info, is_absent ? ERR_NOT_FOUND : ERR_IO, "import.map.none", "open: %s",
                      strerror(errno));
        err_arg(info, 0, path);
        return is_absent ? ERR_NOT_FOUND : ERR_IO;
    }
    char piece[8192];
    for (size_t n = fread(piece, 1, sizeof piece, f); n > 0; n = fread(piece, 1, sizeof piece, f))
        buf_bytes(out, piece, n);
    const bool is_bad = ferror(f) != 0;
    (void)fclose(f);
    if (is_bad || buf_err(out) != ERR_OK) {
        const enum err err = is_bad ? ERR_IO : buf_err(out);
        (void)err_set(info, err, "import.map.none", "reading the map");
        err_arg(info, 0, path);
        return err;
    }
    return ERR_OK;
}

enum err import_map_load(struct arena *a, const char *path, struct import_faults *faults,
                         struct err_info *info, const struct import_map **ret_map)
{
    static const char *const members[] = {"source",  "key",  "encoding", "separator",
                                          "zone",    "lang", "kind",     "channel",
                                          "columns", "drop", "comment",  NULL};
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, MAP_BYTES_MAX);
    TRY(read_file(path, &text, info));
    faults->arena = a;
    const struct str copy = str_copy(a, buf_view(&text));
    struct jsonr_fault why = {0};
    struct loading l = {.a = a, .faults = faults, .map = ARENA_NEW(a, struct import_map)};
    if (l.map == NULL || copy.ptr == NULL)
        return err_set(info, ERR_NOMEM, NULL, "import map");
    const enum err parsed = jsonr_parse(a, copy, &JSONR_FILE, &why, &l.top);
    if (parsed == ERR_NOMEM)
        return err_set(info, ERR_NOMEM, NULL, "import map");
    if (parsed != ERR_OK || l.top->kind != JSON_KIND_OBJECT) {
        add_fault(faults, STR("$"), why.line, "import.map.json", str_of(why.why), STR(""));
        return ERR_INVALID;
    }
    check_members(&l, l.top, members);
    load_source(&l);
    load_key(&l);
    l.map->kind = load_const(&l, "kind");
    l.map->channel = load_const(&l, "channel");
    TRY(load_columns(&l));
    if (faults->count > 0)
        return ERR_INVALID;
    *ret_map = l.map;
    return ERR_OK;
}

/* ---- the head of a file
 * -------------------------------------------------------------------------- */

static void check_head_name(const struct import_map *map, const struct import_head *head,
                            struct import_faults *faults, struct str name)
{
    for (size_t k = 0; k < head->count; k++)
        if (str_eq(head->name[k], name))
            add_fault(faults, STR(""), 0, "import.head.twice", name, STR(""));
    if (column_find(map, name) == NULL)
        add_fault(faults, STR(""), 0,
                  import_person_of(name) == IMPORT_NO_PERSON ? "import.head.unnamed"
                                                             : "import.head.unnamed_person",
                  name, STR(""));
}

static bool is_dropped(const struct import_map *map, const struct import_column *column)
{
    for (size_t k = 0; k < map->key_count; k++)
        if (str_eq(map->key[k], column->name))
            return false;
    return column->use_count == 0;
}

enum err import_head_bind(const struct import_map *map, const struct csv_row *row,
                          struct import_faults *faults, struct import_head *ret_head)
{
    *ret_head = (struct import_head){0};
    for (size_t k = 0; k < IMPORT_KEYS_MAX; k++)
        ret_head->key[k] = SIZE_MAX;
    for (size_t i = 0; i < row->count; i++) {
        const struct str name = str_copy(faults->arena, str_trim(row->fields[i].text));
        if (name.ptr == NULL)
            return ERR_NOMEM;
        if (!str_starts(name, STR(IMPORT_OWN_COLUMNS)))
            check_head_name(map, ret_head, faults, name);
        ret_head->column[i] = column_find(map, name);
        ret_head->name[i] = name;
        for (size_t k = 0; k < map->key_count; k++)
            if (str_eq(map->key[k], name))
                ret_head->key[k] = i;
        ret_head->count++;
    }
    for (size_t i = 0; i < map->column_count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < ret_head->count; k++)
            is_there = is_there || str_eq(ret_head->name[k], map->columns[i].name);
        if (!is_there && !is_dropped(map, &map->columns[i]))
            add_fault(faults, STR(""), 0, "import.head.absent", map->columns[i].name, STR(""));
    }
    return faults->count > 0 ? ERR_INVALID : ERR_OK;
}
