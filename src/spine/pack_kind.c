/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pack_kind: reads kinds with their questions and doors, and finds what a pack cannot say. */
#include "spine/pack_read.h"

static const char *const BASES[] = {"",          "help",       "complaint", "claim",  "wrongdoing",
                                    "detriment", "suggestion", "question",  "danger", NULL};
static const char *const CONTENTS[] = {"", "open", "sealed", NULL};
static const char *const IDENTITIES[] = {"", "known", "sealed", "anonymous", NULL};
static const char *const ASKS[] = {"",           "what",     "when",  "place", "thing", "duty",
                                   "respondent", "document", "money", "harm",  "wish",  NULL};
static const char *const ANSWERS[] = {"",       "line",   "text",   "date",
                                      "number", "yes_no", "choice", NULL};

struct str pack_base_code(enum pack_base base)
{
    return (unsigned)base < PACK_BASE_COUNT ? str_of(BASES[base]) : STR("");
}

static void read_choices(struct pack_reader *r, const struct json *q, struct pack_question *ret)
{
    static const char *const NAMES[] = {"id", "name", NULL};
    const struct json *list =
        pack_member(r, q, "choices", JSON_KIND_ARRAY, ret->type == PACK_CHOICE);
    if (list == NULL)
        return;
    struct pack_choice *choice = pack_array(r, list->count, sizeof(*choice));
    if (choice == NULL)
        return;
    if (ret->type != PACK_CHOICE)
        pack_fault(r, list, "choices_not_here", STR_NULL, STR_NULL);
    for (size_t i = 0; i < list->count; i++) {
        pack_only(r, &list->item[i], NAMES);
        choice[i].id = pack_id(r, &list->item[i], "id", true);
        choice[i].name = pack_wording(r, &list->item[i], "name", PACK_LABEL_QUESTION, true);
    }
    ret->choice = choice;
    ret->choice_count = list->count;
}

static void read_question(struct pack_reader *r, const struct json *q, struct pack_question *ret)
{
    static const char *const NAMES[] = {"id",    "base", "type",    "required", "max_chars",
                                        "label", "help", "choices", NULL};
    pack_only(r, q, NAMES);
    ret->id = pack_id(r, q, "id", true);
    ret->base = (enum pack_ask)pack_word(r, q, "base", ASKS, true);
    ret->type = (enum pack_answer_type)pack_word(r, q, "type", ANSWERS, true);
    ret->required = pack_truth(r, q, "required", false);
    ret->max_chars = pack_int(r, q, "max_chars", 1, 20000, ret->type == PACK_TEXT ? 4000 : 200);
    /* Whom it is about may be an employer; whoever asks it is asking about the respondent. */
    enum pack_label label = ret->base == PACK_ASK_RESPONDENT ? PACK_LABEL_ANY : PACK_LABEL_QUESTION;
    ret->label = pack_wording(r, q, "label", label, true);
    ret->help = pack_wording(r, q, "help", label, false);
    if (ret->id.len > 0)
        pack_check_label(r, jsonr_find(q, "id"), label, ret->id);
    read_choices(r, q, ret);
}

static void read_questions(struct pack_reader *r, const struct json *kind, struct pack_kind *ret)
{
    const struct json *list = pack_member(r, kind, "questions", JSON_KIND_ARRAY, false);
    if (list == NULL)
        return;
    struct pack_question *q = pack_array(r, list->count, sizeof(*q));
    if (q == NULL)
        return;
    for (size_t i = 0; i < list->count; i++) {
        if (list->item[i].kind != JSON_KIND_OBJECT) {
            pack_fault(r, &list->item[i], "kind", STR("object"), STR_NULL);
            continue;
        }
        read_question(r, &list->item[i], &q[i]);
        for (size_t k = 0; k < i; k++) {
            if (q[i].id.len > 0 && str_eq(q[k].id, q[i].id))
                pack_fault(r, &list->item[i], "twice", q[i].id, STR_NULL);
        }
    }
    ret->question = q;
    ret->question_count = list->count;
}

static void read_door(struct pack_reader *r, const struct json *d, const struct pack *p,
                      const struct pack_kind *kind, struct pack_door *ret)
{
    static const char *const NAMES[] = {"id", "name", "body", "how", "due", NULL};
    pack_only(r, d, NAMES);
    ret->id = pack_id(r, d, "id", true);
    ret->name = pack_wording(r, d, "name", PACK_LABEL_ANY, true);
    ret->body = pack_wording(r, d, "body", PACK_LABEL_ANY, true);
    ret->how = pack_wording(r, d, "how", PACK_LABEL_ANY, true);
    struct str due = pack_id(r, d, "due", false);
    if (due.len == 0)
        return;
    ret->due = pack_find_due(p, due);
    if (ret->due == NULL)
        pack_fault(r, jsonr_find(d, "due"), "no_due", due, STR_NULL);
    else if (ret->due->side != DUE_PERSON)
        pack_fault(r, jsonr_find(d, "due"), "due_side_person", due, STR_NULL);
    else if (!due_applies(ret->due, kind->id, STR("")))
        pack_fault(r, jsonr_find(d, "due"), "due_not_for_kind", due, kind->id);
}

static void read_doors(struct pack_reader *r, const struct json *k, const struct pack *p,
                       struct pack_kind *ret)
{
    const struct json *list = pack_member(r, k, "elsewhere", JSON_KIND_ARRAY, false);
    bool needs = ret->base == PACK_WRONGDOING || ret->base == PACK_DETRIMENT;
    if (needs && (list == NULL || list->count == 0))
        pack_fault(r, k, "no_outside", STR_NULL, STR_NULL);
    if (list == NULL)
        return;
    struct pack_door *door = pack_array(r, list->count, sizeof(*door));
    if (door == NULL)
        return;
    for (size_t i = 0; i < list->count; i++)
        read_door(r, &list->item[i], p, ret, &door[i]);
    ret->door = door;
    ret->door_count = list->count;
}

static void read_identity(struct pack_reader *r, const struct json *kind, struct pack_kind *ret)
{
    static const char *const NAMES[] = {"default", "allow", "mode", "roles", NULL};
    const struct json *i = pack_member(r, kind, "identity", JSON_KIND_OBJECT, true);
    if (i == NULL)
        return;
    pack_only(r, i, NAMES);
    ret->identity = (enum pack_identity)pack_word(r, i, "default", IDENTITIES, true);
    size_t count = 0;
    const struct str *allow = pack_strs(r, i, "allow", &count);
    for (size_t k = 0; k < count; k++) {
        ret->may_be_known = ret->may_be_known || str_eq_c(allow[k], "known");
        ret->may_be_sealed = ret->may_be_sealed || str_eq_c(allow[k], "sealed");
        ret->may_be_anonymous = ret->may_be_anonymous || str_eq_c(allow[k], "anonymous");
        if (!str_eq_c(allow[k], "known") && !str_eq_c(allow[k], "sealed") &&
            !str_eq_c(allow[k], "anonymous"))
            pack_fault(r, jsonr_find(i, "allow"), "word", allow[k],
                       STR("known, sealed, anonymous"));
    }
    if (allow == NULL && jsonr_find(i, "allow") == NULL)
        ret->may_be_known = ret->may_be_sealed = ret->may_be_anonymous = true;
    bool fits = (ret->identity != PACK_KNOWN || ret->may_be_known) &&
                (ret->identity != PACK_IDENTITY_SEALED || ret->may_be_sealed) &&
                (ret->identity != PACK_ANONYMOUS || ret->may_be_anonymous);
    if (!fits)
        pack_fault(r, i, "identity_default", STR_NULL, STR_NULL);
    if (!ret->may_be_anonymous && !ret->may_be_sealed)
        pack_fault(r, i, "identity_forced", STR_NULL, STR_NULL);
    ret->unseal_mode = pack_int(r, i, "mode", 1, 2, 1);
    ret->unseal_role = pack_strs(r, i, "roles", &ret->unseal_role_count);
    if (ret->may_be_sealed && ret->unseal_role_count < (size_t)ret->unseal_mode)
        pack_fault(r, i, "identity_roles", STR_NULL, STR_NULL);
}

/* What the base code asks of a kind. */
static void check_kind(struct pack_reader *r, const struct json *k, const struct pack_kind *kind)
{
    bool must_seal = kind->base == PACK_WRONGDOING || kind->base == PACK_DETRIMENT;
    if (must_seal && kind->content != PACK_SEALED)
        pack_fault(r, k, "must_seal", STR_NULL, STR_NULL);
    if (must_seal && kind->identity == PACK_KNOWN)
        pack_fault(r, k, "must_not_be_known", STR_NULL, STR_NULL);
    if (must_seal && kind->unseal_mode != 2)
        pack_fault(r, k, "two_roles", STR_NULL, STR_NULL);
}

static void read_kind(struct pack_reader *r, const struct json *k, const struct pack *p,
                      struct pack_kind *ret)
{
    static const char *const NAMES[] = {"id",       "base",  "name",      "example",   "content",
                                        "identity", "route", "questions", "elsewhere", NULL};
    pack_only(r, k, NAMES);
    ret->id = pack_id(r, k, "id", true);
    if (ret->id.len > 0)
        pack_check_label(r, jsonr_find(k, "id"), PACK_LABEL_ANY, ret->id);
    ret->base = (enum pack_base)pack_word(r, k, "base", BASES, true);
    ret->name = pack_wording(r, k, "name", PACK_LABEL_ANY, true);
    ret->example = pack_wording(r, k, "example", PACK_LABEL_ANY, false);
    ret->content = (enum pack_content)pack_word(r, k, "content", CONTENTS, true);
    read_identity(r, k, ret);
    ret->route = pack_id(r, k, "route", false);
    if (ret->route.len > 0 && pack_find_route(p, ret->route) == NULL)
        pack_fault(r, jsonr_find(k, "route"), "no_route", ret->route, STR_NULL);
    read_questions(r, k, ret);
    read_doors(r, k, p, ret);
    check_kind(r, k, ret);
}

/* Dues name kinds and routes; both are known only now. */
static void check_due_names(struct pack_reader *r, const struct json *top, const struct pack *p)
{
    const struct json *dues = jsonr_find(top, "dues");
    for (size_t i = 0; dues != NULL && i < dues->count; i++) {
        const struct json *kinds = jsonr_find(&dues->item[i], "kinds");
        const struct json *routes = jsonr_find(&dues->item[i], "routes");
        for (size_t k = 0; kinds != NULL && k < kinds->count; k++) {
            if (kinds->item[k].kind == JSON_KIND_STRING &&
                pack_find_kind(p, kinds->item[k].text) == NULL)
                pack_fault(r, &kinds->item[k], "no_kind", kinds->item[k].text, STR_NULL);
        }
        for (size_t k = 0; routes != NULL && k < routes->count; k++) {
            if (routes->item[k].kind == JSON_KIND_STRING &&
                pack_find_route(p, routes->item[k].text) == NULL)
                pack_fault(r, &routes->item[k], "no_route", routes->item[k].text, STR_NULL);
        }
    }
}

void pack_read_kinds(struct pack_reader *r, const struct json *top, struct pack *p)
{
    const struct json *list = pack_member(r, top, "kinds", JSON_KIND_ARRAY, true);
    if (list == NULL)
        return;
    if (list->count == 0)
        pack_fault(r, list, "no_kinds", STR_NULL, STR_NULL);
    struct pack_kind *kind = pack_array(r, list->count, sizeof(*kind));
    if (kind == NULL)
        return;
    p->kind = kind;
    for (size_t i = 0; i < list->count; i++) {
        if (list->item[i].kind != JSON_KIND_OBJECT) {
            pack_fault(r, &list->item[i], "kind", STR("object"), STR_NULL);
            continue;
        }
        read_kind(r, &list->item[i], p, &kind[i]);
        if (kind[i].id.len > 0 && pack_find_kind(p, kind[i].id) != NULL)
            pack_fault(r, &list->item[i], "twice", kind[i].id, STR_NULL);
        p->kind_count = i + 1;
    }
    check_due_names(r, top, p);
}
