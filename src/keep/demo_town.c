/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "keep/demo_town.h"

#include "base/mem.h"
#include "lib/json/jsonr.h"
#include "spine/office.h"
#include "spine/pack.h"

#include <stdio.h>

enum { TOWN_BYTES_MAX = 1 << 20 };

static const char *const LANG_TAG[DEMO_LANGS] = {"en", "zh-CN"};

struct str demo_lang_tag(enum demo_lang lang)
{
    return str_of(LANG_TAG[lang]);
}

/* ---- reading -------------------------------------------------------------------------------- */

static enum err read_file(struct arena *a, const char *path, struct str *ret_text,
                          struct err_info *info)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return err_set(info, ERR_NOT_FOUND, NULL, "%s: cannot be opened", path);
    char *bytes = arena_alloc(a, TOWN_BYTES_MAX);
    size_t len = bytes == NULL ? 0 : fread(bytes, 1, TOWN_BYTES_MAX, file);
    bool whole = bytes != NULL && feof(file) != 0;
    (void)fclose(file);
    if (bytes == NULL)
        return ERR_NOMEM;
    if (!whole)
        return err_set(info, ERR_INVALID, NULL, "%s: cannot be read, or is too large", path);
    *ret_text = str_make(bytes, len);
    return ERR_OK;
}

static enum err fault(const char *path, const struct json *at, const char *why,
                      struct err_info *info)
{
    return err_set(info, ERR_INVALID, NULL, "%s:%d: %s", path, at != NULL ? (int)at->line : 1, why);
}

static enum post post_of_word(struct str word)
{
    for (enum post p = POST_DESK; p < POST_COUNT; p++) {
        if (str_eq_c(word, post_name(p)))
            return p;
    }
    return POST_UNSET;
}

static bool read_office(const struct json *in, struct demo_office *o)
{
    *o = (struct demo_office){
        .code = jsonr_get_str(in, "code"),
        .parent = jsonr_get_str(in, "parent"),
        .place = jsonr_get_str(in, "place"),
        .address = jsonr_get_str(in, "address"),
        .phone = jsonr_get_str(in, "phone"),
        .outside = jsonr_get_bool(in, "outside", false),
        .remit = jsonr_find(in, "remit"),
    };
    bool named = true;
    for (int lang = 0; lang < DEMO_LANGS; lang++) {
        const struct json *said = jsonr_find(in, LANG_TAG[lang]);
        o->name[lang] = jsonr_get_str(said, "name");
        o->hours[lang] = jsonr_get_str(said, "hours");
        named = named && o->name[lang].len > 0;
    }
    return named && o->code.len > 0 && o->remit != NULL;
}

/* "town.hall desk" */
static bool read_post(const struct demo_town *t, struct str text, struct demo_post *ret_post)
{
    struct str rest = text;
    struct str office;
    if (!str_cut(&rest, ' ', &office) || demo_town_office(t, office) == NULL)
        return false;
    *ret_post = (struct demo_post){.office = office, .post = post_of_word(rest)};
    return ret_post->post != POST_UNSET;
}

static bool read_officer(const struct demo_town *t, const struct json *in, struct demo_officer *o)
{
    *o = (struct demo_officer){
        .login = jsonr_get_str(in, "login"),
        .name = jsonr_get_str(in, "name"),
        .lang = jsonr_get_str(in, "lang"),
    };
    const struct json *posts = jsonr_find(in, "posts");
    if (posts == NULL || posts->count == 0 || posts->count > DEMO_POSTS)
        return false;
    for (; o->post_count < posts->count; o->post_count++) {
        if (!read_post(t, posts->item[o->post_count].text, &o->posts[o->post_count]))
            return false;
    }
    return o->login.len > 0 && o->name.len > 0;
}

static bool read_words(const struct json *in, struct demo_words *w)
{
    *w = (struct demo_words){
        .title = jsonr_get_str(in, "title"),
        .text = jsonr_get_str(in, "text"),
        .wish = jsonr_get_str(in, "wish"),
        .asked = jsonr_get_str(in, "asked"),
        .found = jsonr_get_str(in, "found"),
        .basis = jsonr_get_str(in, "basis"),
        .remedy = jsonr_get_str(in, "remedy"),
    };
    return w->title.len > 0 && w->text.len > 0 && w->asked.len > 0 && w->found.len > 0 &&
           w->basis.len > 0 && w->remedy.len > 0;
}

static bool read_case(const struct demo_town *t, const struct json *in, struct demo_case *c)
{
    *c = (struct demo_case){
        .base = jsonr_get_str(in, "base"),
        .office = jsonr_get_str(in, "office"),
        .places = jsonr_find(in, "places"),
    };
    for (int lang = 0; lang < DEMO_LANGS; lang++) {
        if (!read_words(jsonr_find(in, LANG_TAG[lang]), &c->words[lang]))
            return false;
    }
    if (c->places == NULL || c->places->count == 0)
        return false;
    for (size_t i = 0; i < c->places->count; i++) {
        if (c->places->item[i].count != DEMO_LANGS)
            return false;
    }
    return demo_town_office(t, c->office) != NULL &&
           matter_outcome_of_word(jsonr_get_str(in, "outcome"), &c->outcome);
}

static enum err read_all(struct arena *a, const char *path, const struct json *top,
                         struct demo_town *t, struct err_info *info)
{
    const struct json *offices = jsonr_find(top, "offices");
    const struct json *officers = jsonr_find(top, "officers");
    const struct json *cases = jsonr_find(top, "cases");
    if (offices == NULL || officers == NULL || cases == NULL)
        return fault(path, top, "offices, officers and cases are needed", info);
    t->offices = ARENA_ARRAY(a, offices->count, struct demo_office);
    t->officers = ARENA_ARRAY(a, officers->count, struct demo_officer);
    t->cases = ARENA_ARRAY(a, cases->count, struct demo_case);
    if (t->offices == NULL || t->officers == NULL || t->cases == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < offices->count; i++, t->office_count++) {
        if (!read_office(&offices->item[i], &t->offices[i]))
            return fault(path, &offices->item[i], "an office lacks code, names or remit", info);
    }
    for (size_t i = 0; i < officers->count; i++, t->officer_count++) {
        if (!read_officer(t, &officers->item[i], &t->officers[i]))
            return fault(path, &officers->item[i], "an officer lacks login, name or a post", info);
    }
    for (size_t i = 0; i < cases->count; i++, t->case_count++) {
        if (!read_case(t, &cases->item[i], &t->cases[i]))
            return fault(path, &cases->item[i], "a case lacks words, places, outcome or its office",
                         info);
    }
    for (int lang = 0; lang < DEMO_LANGS; lang++) {
        t->words[lang] = jsonr_find(jsonr_find(top, "words"), LANG_TAG[lang]);
        t->people[lang] = jsonr_find(jsonr_find(top, "people"), LANG_TAG[lang]);
        if (t->words[lang] == NULL || t->people[lang] == NULL || t->people[lang]->count == 0)
            return fault(path, top, "words and people are needed in both languages", info);
    }
    return ERR_OK;
}

enum err demo_town_read(struct arena *a, const char *path, struct demo_town *ret_town,
                        struct err_info *info)
{
    struct str text = STR_NULL;
    TRY(read_file(a, path, &text, info));
    struct jsonr_fault wrong = {0};
    const struct json *top = NULL;
    enum err err = jsonr_parse(a, text, &JSONR_FILE, &wrong, &top);
    if (err != ERR_OK)
        return err_set(info, err, NULL, "%s:%d: %s", path, (int)wrong.line, wrong.why);
    *ret_town = (struct demo_town){0};
    return read_all(a, path, top, ret_town, info);
}

/* ---- looking up ----------------------------------------------------------------------------- */

const struct demo_office *demo_town_office(const struct demo_town *t, struct str code)
{
    for (size_t i = 0; i < t->office_count; i++) {
        if (str_eq(t->offices[i].code, code))
            return &t->offices[i];
    }
    return NULL;
}

const struct demo_officer *demo_town_who(const struct demo_town *t, struct office_id office,
                                         uint32_t posts)
{
    for (size_t i = 0; i < t->officer_count; i++) {
        const struct demo_officer *o = &t->officers[i];
        for (size_t p = 0; p < o->post_count; p++) {
            const struct demo_office *held = demo_town_office(t, o->posts[p].office);
            if (held != NULL && held->id.v == office.v &&
                (posts & (UINT32_C(1) << o->posts[p].post)) != 0)
                return o;
        }
    }
    return NULL;
}

struct str demo_town_say(const struct demo_town *t, enum demo_lang lang, const char *name)
{
    return jsonr_get_str(t->words[lang], name);
}

static const struct pack_kind *kind_of_base(const struct pack *pack, struct str base)
{
    for (size_t i = 0; i < pack->kind_count; i++) {
        if (str_eq(pack_base_code(pack->kind[i].base), base))
            return &pack->kind[i];
    }
    return NULL;
}

const struct pack_kind *demo_town_kind(const struct pack *pack, struct str base)
{
    const struct str wanted[] = {base, pack_base_code(PACK_COMPLAINT), pack_base_code(PACK_CLAIM)};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const struct pack_kind *kind = kind_of_base(pack, wanted[i]);
        if (kind != NULL)
            return kind;
    }
    return &pack->kind[0];
}

/* ---- making --------------------------------------------------------------------------------- */

static enum err add_remits(struct tx *tx, const struct demo_office *o, const struct pack *pack)
{
    for (size_t i = 0; i < o->remit->count; i++) {
        struct str base = o->remit->item[i].text;
        if (base.len == 0) {
            TRY(office_remit_add(tx, o->id, STR(""), STR("")));
            continue;
        }
        for (size_t k = 0; k < pack->kind_count; k++) {
            if (str_eq(pack_base_code(pack->kind[k].base), base))
                TRY(office_remit_add(tx, o->id, pack->kind[k].id, STR("")));
        }
    }
    return ERR_OK;
}

static enum err add_officer(struct tx *tx, const struct demo_town *t, struct demo_officer *o,
                            int32_t from_day)
{
    const struct officer_new fresh = {.login = o->login, .name = o->name, .lang = o->lang};
    TRY(officer_add(tx, &fresh, &o->id));
    for (size_t p = 0; p < o->post_count; p++) {
        const struct demo_office *office = demo_town_office(t, o->posts[p].office);
        if (office == NULL)
            return ERR_INTERNAL; /* demo_town_read has looked */
        const struct holding held = {
            .officer = o->id,
            .office = office->id,
            .post = o->posts[p].post,
            .from_day = from_day,
            .to_day = INT32_MAX,
        };
        TRY(officer_hold(tx, &held));
    }
    return ERR_OK;
}

enum err demo_town_build(struct tx *tx, struct demo_town *t, const struct pack *pack,
                         int32_t from_day)
{
    for (size_t i = 0; i < t->office_count; i++) {
        struct demo_office *o = &t->offices[i];
        const struct demo_office *up = demo_town_office(t, o->parent);
        const struct office_new fresh = {
            .parent = up != NULL ? up->id : (struct office_id){0},
            .code = o->code,
            .name_en = o->name[DEMO_EN],
            .name_zh = o->name[DEMO_ZH],
            .place = o->place,
            .address = o->address,
            .phone = o->phone,
            .hours_en = o->hours[DEMO_EN],
            .hours_zh = o->hours[DEMO_ZH],
            .outside = o->outside,
        };
        TRY(office_add(tx, &fresh, &o->id));
        TRY(add_remits(tx, o, pack));
    }
    for (size_t i = 0; i < t->officer_count; i++)
        TRY(add_officer(tx, t, &t->officers[i], from_day));
    return ERR_OK;
}
