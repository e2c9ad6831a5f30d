/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/desk_step.h"

#include "db/writer.h"
#include "matter/desk.sql.h"
#include "spine/keys.h"

static const char *const OUTCOMES[] = {"supported", "explained", "not_supported", NULL};

#define SEQ FORM_INT(struct desk_input, seq, 0, INT32_MAX, false)
#define TEXT FORM_LINES(struct desk_input, text, 0, 20000)

/* A form per step; what must not be empty is said by the rules, in their own words. */
#define STEP_FORM(step, ...)                                                                       \
    static const struct form_field step##_FIELDS[] = {__VA_ARGS__};                                \
    const struct form DESK_##step##_FORM = FORM_INIT(#step, struct desk_input, step##_FIELDS)

STEP_FORM(ROUTE, SEQ, FORM_TEXT(struct desk_input, to, 0, 100),
          FORM_TEXT(struct desk_input, route, 0, 100), TEXT);
STEP_FORM(NOTHING, SEQ);
STEP_FORM(WORDS, SEQ, TEXT);
STEP_FORM(ADMIT, SEQ, FORM_TEXT(struct desk_input, route, 0, 100));
STEP_FORM(REFUSE, SEQ, FORM_TEXT(struct desk_input, reason, 0, 60),
          FORM_TEXT(struct desk_input, ref, 0, 100), FORM_TEXT(struct desk_input, basis, 0, 500),
          TEXT);
STEP_FORM(MISDIRECT, SEQ, FORM_TEXT(struct desk_input, whose, 0, 500), TEXT);
STEP_FORM(ASSIGN_ONE, SEQ, FORM_TEXT(struct desk_input, handler, 0, 100));
STEP_FORM(ASK, SEQ, TEXT, FORM_DATE(struct desk_input, until, false));
STEP_FORM(EXTEND, SEQ, FORM_INT(struct desk_input, n, 1, INT32_MAX, false),
          FORM_INT(struct desk_input, amount, 1, 3650, false), TEXT);
STEP_FORM(SUSPEND, SEQ, FORM_INT(struct desk_input, n, 1, INT32_MAX, false),
          FORM_TEXT(struct desk_input, reason, 0, 60), FORM_DATE(struct desk_input, until, false),
          TEXT);
STEP_FORM(RESUME, SEQ, FORM_INT(struct desk_input, n, 1, INT32_MAX, false));
STEP_FORM(ANSWER, SEQ, FORM_LINES(struct desk_input, asked, 0, 5000),
          FORM_LINES(struct desk_input, found, 0, 20000),
          FORM_CHOICE(struct desk_input, outcome, OUTCOMES, false),
          FORM_LINES(struct desk_input, basis, 0, 2000),
          FORM_LINES(struct desk_input, remedy, 0, 5000),
          FORM_DATE(struct desk_input, remedy_day, false),
          FORM_TEXT(struct desk_input, review_where, 0, 500));
STEP_FORM(DELIVER, SEQ, FORM_DATE(struct desk_input, day, false),
          FORM_TEXT(struct desk_input, how, 0, 30));
STEP_FORM(CONCLUDE, SEQ, FORM_TEXT(struct desk_input, reason, 0, 60), TEXT);

static const struct desk_step STEPS[] = {
    {DO_ANSWER,
     MSG_DESK_HELP_ANSWER,
     {{"asked", WIDGET_LINES, MSG_DESK_FIELD_ASKED},
      {"found", WIDGET_LINES, MSG_DESK_FIELD_FOUND},
      {"outcome", WIDGET_OUTCOME, MSG_DESK_FIELD_OUTCOME},
      {"basis", WIDGET_LINES, MSG_DESK_FIELD_BASIS},
      {"remedy", WIDGET_LINES, MSG_DESK_FIELD_REMEDY},
      {"remedy_day", WIDGET_DATE, MSG_DESK_FIELD_REMEDY_DAY},
      {"review_where", WIDGET_LINE, MSG_DESK_FIELD_REVIEW_WHERE}},
     &DESK_ANSWER_FORM},
    {DO_ROUTE,
     MSG_DESK_HELP_ROUTE,
     {{"to", WIDGET_OFFICE, MSG_DESK_FIELD_TO},
      {"route", WIDGET_ROUTE, MSG_DESK_FIELD_ROUTE},
      {"text", WIDGET_LINES, MSG_DESK_FIELD_TEXT}},
     &DESK_ROUTE_FORM},
    {DO_ADMIT, MSG_NONE, {{"route", WIDGET_ROUTE, MSG_DESK_FIELD_ROUTE}}, &DESK_ADMIT_FORM},
    {DO_OBJECT,
     MSG_DESK_HELP_OBJECT,
     {{"text", WIDGET_LINES, MSG_DESK_FIELD_REASON_TEXT}},
     &DESK_WORDS_FORM},
    {DO_CONFIRM, MSG_NONE, {{"text", WIDGET_LINES, MSG_DESK_FIELD_REASON_TEXT}}, &DESK_WORDS_FORM},
    {DO_TAKE_BACK, MSG_NONE, {{"text", WIDGET_LINES, MSG_DESK_FIELD_TEXT}}, &DESK_WORDS_FORM},
    {DO_REFUSE,
     MSG_NONE,
     {{"reason", WIDGET_REFUSAL, MSG_DESK_FIELD_REASON},
      {"ref", WIDGET_LINE, MSG_DESK_FIELD_REF},
      {"basis", WIDGET_LINE, MSG_DESK_FIELD_BASIS},
      {"text", WIDGET_LINES, MSG_DESK_FIELD_REASON_TEXT}},
     &DESK_REFUSE_FORM},
    {DO_MISDIRECT,
     MSG_NONE,
     {{"whose", WIDGET_LINE, MSG_DESK_FIELD_WHOSE},
      {"text", WIDGET_LINES, MSG_DESK_FIELD_REASON_TEXT}},
     &DESK_MISDIRECT_FORM},
    {DO_ASSIGN,
     MSG_NONE,
     {{"handler", WIDGET_HANDLER, MSG_DESK_FIELD_HANDLER}},
     &DESK_ASSIGN_ONE_FORM},
    {DO_NOTE, MSG_DESK_HELP_NOTE, {{"text", WIDGET_LINES, MSG_DESK_FIELD_NOTE}}, &DESK_WORDS_FORM},
    {DO_ASK,
     MSG_DESK_HELP_ASK,
     {{"text", WIDGET_LINES, MSG_DESK_FIELD_QUESTION},
      {"until", WIDGET_DATE, MSG_DESK_FIELD_UNTIL}},
     &DESK_ASK_FORM},
    {DO_ADD, MSG_NONE, {{"text", WIDGET_LINES, MSG_DESK_FIELD_FACTS}}, &DESK_WORDS_FORM},
    {DO_EXTEND,
     MSG_DESK_HELP_EXTEND,
     {{"n", WIDGET_DUE, MSG_DESK_FIELD_N},
      {"amount", WIDGET_NUMBER, MSG_DESK_FIELD_AMOUNT_PLAIN},
      {"text", WIDGET_LINES, MSG_DESK_FIELD_REASON_TEXT}},
     &DESK_EXTEND_FORM},
    {DO_SUSPEND,
     MSG_DESK_HELP_SUSPEND,
     {{"n", WIDGET_DUE, MSG_DESK_FIELD_N},
      {"reason", WIDGET_STILL_WHY, MSG_DESK_FIELD_REASON},
      {"until", WIDGET_DATE, MSG_DESK_FIELD_UNTIL},
      {"text", WIDGET_LINES, MSG_DESK_FIELD_REASON_TEXT}},
     &DESK_SUSPEND_FORM},
    {DO_RESUME, MSG_NONE, {{"n", WIDGET_DUE_STILL, MSG_DESK_FIELD_N}}, &DESK_RESUME_FORM},
    {DO_DELIVER,
     MSG_NONE,
     {{"day", WIDGET_DATE, MSG_DESK_FIELD_DAY}, {"how", WIDGET_HOW, MSG_DESK_FIELD_HOW}},
     &DESK_DELIVER_FORM},
    {DO_CONCLUDE,
     MSG_NONE,
     {{"reason", WIDGET_END_WHY, MSG_DESK_FIELD_REASON},
      {"text", WIDGET_LINES, MSG_DESK_FIELD_TEXT}},
     &DESK_CONCLUDE_FORM},
    {DO_REOPEN, MSG_NONE, {{"text", WIDGET_LINES, MSG_DESK_FIELD_REASON_TEXT}}, &DESK_WORDS_FORM},
};

const struct desk_step *desk_step_at(size_t i)
{
    return i < sizeof STEPS / sizeof *STEPS ? &STEPS[i] : NULL;
}

const struct desk_step *desk_step_find(enum matter_do what)
{
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
        if (STEPS[i].what == what)
            return &STEPS[i];
    }
    return NULL;
}

const struct desk_step *desk_step_of(const struct request *req)
{
    struct str rest = str_of(req->route->path);
    struct str last = STR("");
    struct str part = STR_NULL;
    while (str_cut(&rest, '/', &part))
        last = part;
    enum matter_do what = DO_NONE;
    return matter_do_of_word(last, &what) ? desk_step_find(what) : NULL;
}

/* ---- from what is typed to a command ----------------------------------------------------------
 */

static int32_t day_or_none(int32_t day)
{
    return day == FORM_NO_DAY ? 0 : day;
}

static int32_t int_or_none(int64_t n)
{
    return n == FORM_NO_INT ? 0 : (int32_t)n;
}

static enum err body_fill(struct tx *tx, const struct request *req, const struct desk_input *in,
                          struct matter_body *b)
{
    *b = (struct matter_body){
        .text = in->text,
        .route = in->route,
        .reason = in->reason,
        .ref = in->ref,
        .basis = in->basis,
        .whose = in->whose,
        .asked = in->asked,
        .found = in->found,
        .remedy = in->remedy,
        .review_where = in->review_where,
        .how = in->how,
        .outcome = (enum matter_outcome)in->outcome,
        .solved = (enum yes_no)in->solved,
        .until_day = day_or_none(in->until),
        .remedy_day = day_or_none(in->remedy_day),
        .day = day_or_none(in->day),
        .n = int_or_none(in->n),
        .amount = int_or_none(in->amount),
    };
    if (in->to.len > 0) {
        const struct office *o = office_find_code(house_tree(desk_house(req)), in->to);
        b->to = o == NULL ? (struct office_id){0} : o->id;
    }
    if (in->handler.len > 0) {
        struct desk_officer_by_login_row row;
        enum err err = desk_officer_by_login(tx->db, tx->arena, in->handler, &row);
        if (err != ERR_OK && err != ERR_NOT_FOUND)
            return err;
        b->handler = err == ERR_OK ? row.id : (struct officer_id){0};
    }
    return ERR_OK;
}

enum err desk_act_fill(struct tx *tx, struct request *req, enum matter_do what,
                       struct matter_act *a)
{
    const struct desk_input *in = request_form(req);
    *a = (struct matter_act){
        .id = req->dossier,
        .who = WHO_OFFICER,
        .officer = req->who.officer,
        .command = {.what = what, .expect_seq = int_or_none(in->seq)},
        .once = STR(""),
    };
    return body_fill(tx, req, in, &a->command.body);
}

enum err desk_step_act(struct tx *tx, struct request *req)
{
    const struct desk_step *step = desk_step_of(req);
    struct matter_act a;
    struct matter_done done;
    if (step == NULL)
        return ERR_INTERNAL;
    TRY(desk_act_fill(tx, req, step->what, &a));
    return matter_act(tx, &a, &done);
}

enum err desk_answer_act(struct tx *tx, struct request *req)
{
    struct matter_act a;
    int64_t send_us = 0;
    TRY(desk_act_fill(tx, req, DO_ANSWER, &a));
    return matter_answer_wait(tx, &a, &send_us);
}

enum err desk_undo_act(struct tx *tx, struct request *req)
{
    return matter_answer_undo(tx, req->dossier, req->who.officer);
}

enum err desk_step_reply(struct request *req)
{
    /* Where the page may forget what was typed; what is behind # goes to no server. */
    const char *taken = desk_step_of(req) == NULL ? "" : "#taken";
    const char *path = arena_printf(req->arena, "/desk/m/" STR_FMT "%s",
                                    STR_ARG(request_param(req, "ref")), taken);
    return path == NULL ? ERR_NOMEM : reply_see_other(req, str_of(path));
}

enum err desk_recuse_act(struct tx *tx, struct request *req)
{
    return grant_recuse(tx, req->dossier, req->who.officer);
}

enum err desk_recuse_reply(struct request *req)
{
    return reply_see_other(req, STR("/desk"));
}

/* ---- the contact card ---------------------------------------------------------------------- */

static struct str keep(struct request *req, struct str s)
{
    return str_copy(req->arena, s);
}

/* The card is read inside the writer, because looking is an event; it is shown once, by reply. */
enum err desk_card_act(struct tx *tx, struct request *req)
{
    struct identity card;
    TRY(matter_card_read(tx, req->dossier, req->who.officer, &card));
    struct identity *shown = ARENA_NEW(req->arena, struct identity);
    if (shown == NULL)
        return ERR_NOMEM;
    *shown = (struct identity){keep(req, card.name),   keep(req, card.email), keep(req, card.phone),
                               keep(req, card.postal), keep(req, card.other), keep(req, card.lang)};
    req->model = shown;
    return ERR_OK;
}

enum err desk_card_reply(struct request *req)
{
    return desk_matter_look_view(req);
}

/* ---- many at once -------------------------------------------------------------------------- */

enum { ASSIGN_MAX = 60 };

struct assign_input {
    struct form_strs refs;
    struct str handler;
};

static const struct form_field ASSIGN_FIELDS[] = {
    FORM_STRS(struct assign_input, refs, 0, ASSIGN_MAX),
    FORM_TEXT(struct assign_input, handler, 0, 100),
};
const struct form DESK_ASSIGN_FORM = FORM_INIT("assign", struct assign_input, ASSIGN_FIELDS);

/* All or none: the first refusal undoes the others. */
enum err desk_assign_act(struct tx *tx, struct request *req)
{
    const struct assign_input *in = request_form(req);
    struct desk_officer_by_login_row handler;
    if (in->refs.count == 0)
        return err_set(tx->info, ERR_REFUSED, "desk.refused.assign_none", "nothing ticked");
    enum err err = desk_officer_by_login(tx->db, tx->arena, in->handler, &handler);
    if (err == ERR_NOT_FOUND)
        return err_set(tx->info, ERR_INVALID, "matter.missing.handler", "no such officer");
    TRY(err);
    for (size_t i = 0; i < in->refs.count; i++) {
        struct matter_act a = {.who = WHO_OFFICER,
                               .officer = req->who.officer,
                               .command = {.what = DO_ASSIGN, .body.handler = handler.id},
                               .once = STR("")};
        struct matter_done done;
        if (!ref_parse(desk_house(req)->keys->k_id, in->refs.items[i], &a.id))
            return ERR_NOT_FOUND;
        TRY(matter_act(tx, &a, &done));
    }
    return ERR_OK;
}

enum err desk_assign_reply(struct request *req)
{
    return reply_see_other(req, STR("/desk"));
}
