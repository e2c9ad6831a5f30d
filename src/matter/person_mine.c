/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/person_mine.h"
#include "base/mem.h"
#include "db/writer.h"
#include "http/frame.h"
#include "http/session.h"
#include "lib/text/words.h"
#include "matter/desk.h"
#include "matter/person.h"
#include "matter/person_raise.h"
#include "trust/code.h"

struct mine_input {
    struct str act;
    struct str text;
    struct str unsolved;
    struct str contest;
    struct str stars;
    struct str pressed;
    bool danger;
    struct str last4;
};
static const struct form_field MINE_FIELDS[] = {
    FORM_TEXT(struct mine_input, act, 1, 20),
    FORM_LINES(struct mine_input, text, 0, RAISE_TEXT_MAX),
    FORM_LINES(struct mine_input, unsolved, 0, RAISE_ANSWER_MAX),
    FORM_LINES(struct mine_input, contest, 0, RAISE_ANSWER_MAX),
    FORM_TEXT(struct mine_input, stars, 0, 2),
    FORM_TEXT(struct mine_input, pressed, 0, 4),
    FORM_FLAG(struct mine_input, danger),
    FORM_TEXT(struct mine_input, last4, 0, 12),
};
const struct form PERSON_MINE_FORM = FORM_INIT("mine", struct mine_input, MINE_FIELDS);

enum mine_act {
    MINE_NONE = 0,
    MINE_ADD,
    MINE_RATE,
    MINE_SOLVED,
    MINE_NOT_SOLVED,
    MINE_CONTEST,
    MINE_PUSH,
    MINE_WITHDRAW,
    MINE_REPLACE,  /* shows a new code */
    MINE_REPLACED, /* puts it in force */
    MINE_BURN,
    MINE_RECEIPT,
    MINE_PROOF,
    MINE_LEAVE,
    MINE_COUNT
};

/* What each button is called in the form, what it asks of the rules and what is said afterwards. */
static const struct {
    const char *word;
    enum matter_do what;
    const char *done;
} ACTS[MINE_COUNT] = {
    [MINE_NONE] = {"", DO_NONE, ""},
    [MINE_ADD] = {"add", DO_ADD, "person.mine.done_add"},
    [MINE_RATE] = {"rate", DO_RATE, "person.mine.done_rate"},
    [MINE_SOLVED] = {"solved", DO_RATE, "person.mine.done_rate"},
    [MINE_NOT_SOLVED] = {"not_solved", DO_NOT_SOLVED, "person.mine.done_not_solved"},
    [MINE_CONTEST] = {"contest", DO_CONTEST, "person.mine.done_contest"},
    [MINE_PUSH] = {"push", DO_PUSH, "person.mine.done_push"},
    [MINE_WITHDRAW] = {"withdraw", DO_WITHDRAW, "person.mine.done_withdraw"},
    [MINE_REPLACE] = {"replace", DO_NONE, ""},
    [MINE_REPLACED] = {"replaced", DO_NONE, "person.mine.done_replace"},
    [MINE_BURN] = {"burn", DO_NONE, ""},
    [MINE_RECEIPT] = {"receipt", DO_NONE, ""},
    [MINE_PROOF] = {"proof", DO_NONE, ""},
    [MINE_LEAVE] = {"leave", DO_NONE, ""},
};

struct mine_model {
    enum mine_act act;
    struct raise_draft draft;
    struct matter_body body;
};

static enum mine_act act_find(struct str word)
{
    for (int i = MINE_ADD; i < MINE_COUNT; i++)
        if (str_eq_c(word, ACTS[i].word))
            return (enum mine_act)i;
    return MINE_NONE;
}

/* Is the code with which the person came in still good? A session does not outlive its code. */
static bool code_is_live(struct request *req, const struct raise_draft *d)
{
    uint8_t lookup[32];
    struct code_found found;
    return req->person != NULL && req->person->dossier.v != 0 &&
           str_from_hex(d->used, lookup, sizeof lookup) &&
           code_look(req->db, lookup, &found) == ERR_OK &&
           found.dossier.v == req->person->dossier.v;
}

enum err person_mine_view(struct request *req)
{
    struct raise_draft d;
    TRY(raise_draft_load(req, &d));
    if (!code_is_live(req, &d))
        return reply_see_other(req, STR("/back"));
    return person_mine_show(req, &d);
}

/* ---- looking the input over ---------------------------------------------------------------------
 */

static enum err need_text(struct request *req, const char *field, struct str text, const char *key)
{
    if (text.len == 0) {
        form_fault_add(&req->faults, field, key);
        return ERR_INVALID;
    }
    return raise_refuse_code(req, field, text);
}

static enum err body_of(struct request *req, const struct mine_input *in, struct mine_model *m)
{
    struct matter_body *b = &m->body;
    int64_t stars = 0;
    b->lang = desk_lang(req);
    switch (m->act) {
    case MINE_ADD:
        b->text = in->text;
        return need_text(req, "text", in->text, "person.mine.add_empty");
    case MINE_NOT_SOLVED:
        b->text = in->unsolved;
        return need_text(req, "unsolved", in->unsolved, "person.mine.unsolved_empty");
    case MINE_CONTEST:
        b->text = in->contest;
        return need_text(req, "contest", in->contest, "person.mine.contest_empty");
    case MINE_RATE:
        if (!str_to_i64(in->stars, 1, 5, &stars))
            form_fault_add(&req->faults, "stars", "person.mine.rate_fault");
        b->stars = (int32_t)stars;
        return ERR_OK;
    case MINE_SOLVED:
        b->solved = SAID_YES;
        return ERR_OK;
    case MINE_PUSH:
        b->danger = in->danger;
        return ERR_OK;
    case MINE_WITHDRAW:
        if (!matter_yes_no_of_word(in->pressed, &b->pressed) || b->pressed == UNSAID)
            form_fault_add(&req->faults, "pressed", "person.mine.pressed_fault");
        return ERR_OK;
    case MINE_NONE:
    case MINE_REPLACE:
    case MINE_REPLACED:
    case MINE_BURN:
    case MINE_RECEIPT:
    case MINE_PROOF:
    case MINE_LEAVE:
    case MINE_COUNT:
    default:
        return ERR_OK;
    }
}

/* The digits typed back are those of the new code. */
static enum err check_replaced(struct request *req, const struct mine_input *in,
                               const struct raise_draft *d)
{
    CLEANUP(buf_done) struct buf digits;
    buf_init(&digits, 64);
    words_only_digits(in->last4, &digits);
    if (d->code.len != CODE_DIGITS)
        return err_set(&req->err, ERR_REFUSED, "person.code.stale", NULL);
    if (!str_eq(buf_view(&digits), str_sub(d->code, CODE_DIGITS - 4, 4)))
        form_fault_add(&req->faults, "last4", "person.code.wrong");
    return ERR_OK;
}

enum err person_mine_prepare(struct request *req)
{
    const struct mine_input *in = request_form(req);
    struct mine_model *m = ARENA_NEW(req->arena, struct mine_model);
    if (m == NULL)
        return ERR_NOMEM;
    req->model = m;
    m->act = act_find(in->act);
    TRY(raise_draft_load(req, &m->draft));
    if (!code_is_live(req, &m->draft))
        return reply_see_other(req, STR("/back"));
    if (m->act == MINE_NONE)
        return err_set(&req->err, ERR_REFUSED, "matter.invalid.command", NULL);
    if (m->act == MINE_REPLACE)
        return raise_code_new(req, &m->draft);
    if (m->act == MINE_REPLACED)
        return check_replaced(req, in, &m->draft);
    return body_of(req, in, m);
}

/* ---- doing it ----------------------------------------------------------------------------------
 */

static enum err act_code(struct tx *tx, struct request *req, struct mine_model *m)
{
    uint8_t old[32];
    uint8_t fresh[32];
    if (!str_from_hex(m->draft.used, old, sizeof old))
        return ERR_CORRUPT;
    if (m->act == MINE_BURN) {
        TRY(code_burn(tx, old));
        return session_person_drop(tx, req);
    }
    if (!str_from_hex(m->draft.lookup, fresh, sizeof fresh))
        return ERR_CORRUPT;
    TRY(code_replace(tx, old, fresh));
    struct raise_draft d = {.at = STEP_KIND,
                            .used = m->draft.lookup,
                            .is_sent = m->draft.is_sent,
                            .kind = m->draft.kind,
                            .done = str_of(ACTS[MINE_REPLACED].done)};
    return raise_draft_save(tx, req, &d, req->person->dossier, true);
}

enum err person_mine_act(struct tx *tx, struct request *req)
{
    struct mine_model *m = req->model;
    struct dossier_id id = req->person->dossier;
    if (m->act == MINE_PROOF || m->act == MINE_RECEIPT)
        return ERR_OK;
    if (m->act == MINE_LEAVE)
        return session_person_drop(tx, req);
    if (m->act == MINE_BURN || m->act == MINE_REPLACED)
        return act_code(tx, req, m);
    if (m->act == MINE_REPLACE)
        return raise_draft_save(tx, req, &m->draft, id, false);
    const struct matter_act a = {
        .id = id, .who = WHO_PERSON, .command = {.what = ACTS[m->act].what, .body = m->body}};
    struct matter_done done;
    TRY(matter_act(tx, &a, &done));
    struct raise_draft d = m->draft;
    d.code = STR("");
    d.done = str_of(ACTS[m->act].done);
    return raise_draft_save(tx, req, &d, id, false);
}

enum err person_mine_reply(struct request *req)
{
    static const enum msg_key BURNED[] = {MSG_PERSON_MINE_BURNED_1, MSG_PERSON_MINE_BURNED_2};
    static const enum msg_key LEFT[] = {MSG_PERSON_MINE_LEFT_1};
    const struct mine_model *m = req->model;
    if (m->act == MINE_PROOF || m->act == MINE_RECEIPT)
        return person_proof_reply(req, m->act == MINE_PROOF);
    if (m->act == MINE_REPLACE)
        return raise_code_show(req, m->draft.code, true, request_csrf(req, "/mine"));
    if (m->act == MINE_BURN)
        return person_say(req, MSG_PERSON_MINE_BURNED_TITLE, BURNED, 2);
    if (m->act == MINE_LEAVE) {
        TRY(reply_header(req, "Clear-Site-Data", STR("\"cache\", \"cookies\", \"storage\"")));
        return person_say(req, MSG_PERSON_MINE_LEFT_TITLE, LEFT, 1);
    }
    return reply_see_other(req, STR("/mine"));
}

enum err person_mine_again(struct request *req)
{
    const struct mine_model *m = req->model;
    struct raise_draft d;
    TRY(raise_draft_load(req, &d));
    if (!code_is_live(req, &d))
        return reply_see_other(req, STR("/back"));
    if (m != NULL && m->act == MINE_REPLACED && m->draft.code.len == CODE_DIGITS)
        return raise_code_show(req, m->draft.code, true, request_csrf(req, "/mine"));
    return person_mine_show(req, &d);
}
