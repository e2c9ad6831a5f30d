/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Behind a one-time link: password, second factor, recovery codes. */
#include "base/instant.h"
#include "base/mem.h"
#include "db/writer.h"
#include "http/frame.h"
#include "http/frame_staff.h"
#include "lib/text/words.h"
#include "people/account.h"
#include "people/acts.h"
#include "people/pages/enrolled.html.h"
#include "people/pages/invite.html.h"
#include "people/password.h"
#include "people/people.sql.h"
#include "people/view.h"
#include "spine/house.h"
#include "trust/passphrase.h"

struct invite_input {
    struct str password;
    struct str second;
};
static const struct form_field INVITE_FIELDS[] = {
    FORM_SECRET(struct invite_input, password, 1, 500),
    FORM_SECRET(struct invite_input, second, 1, 30),
};
const struct form INVITE_FORM = FORM_INIT("invite", struct invite_input, INVITE_FIELDS);

/* From prepare through act to reply. */
struct enrolling {
    struct account_by_invite_row who;
    char passhash[PASSHASH_BYTES];
    unsigned char seed[TOTP_SEED_BYTES];
    int64_t step;
    char codes[PEOPLE_RECOVERY_CODES][PEOPLE_RECOVERY_BYTES];
};

/* ERR_REFUSED "people.invite.gone" when the link is not, or no longer, good. */
static enum err find(struct request *req, struct db *db, struct arena *a, struct err_info *info,
                     struct account_by_invite_row *ret_row)
{
    struct hash hash;
    struct str token = request_param(req, "token");
    crypt_sha256(token.ptr, token.len, &hash);
    enum err err = account_by_invite(db, a, str_make(hash.b, sizeof hash.b), req->now_us, ret_row);
    if (err == ERR_NOT_FOUND)
        return err_set(info, ERR_REFUSED, "people.invite.gone", "no such invite");
    return err;
}

/* "ABCD EFGH ...": easier to type. */
static struct str spaced(struct request *req, const char *base32)
{
    char *text = arena_alloc(req->arena, TOTP_BASE32_BYTES + TOTP_BASE32_BYTES / 4);
    size_t n = 0;
    if (text == NULL)
        return STR("");
    for (size_t i = 0; base32[i] != '\0'; i++) {
        if (i > 0 && i % 4 == 0)
            text[n++] = ' ';
        text[n++] = base32[i];
    }
    return str_make(text, n);
}

static enum err show(struct request *req, const struct account_by_invite_row *who, int status)
{
    struct page_invite page = {
        .fault = people_refusal(req), .name = who->name, .login = who->login};
    unsigned char seed[TOTP_SEED_BYTES];
    char base32[TOTP_BASE32_BYTES];
    char *proposal = arena_alloc(req->arena, PASSPHRASE_TEXT_BYTES);
    if (proposal == NULL)
        return ERR_NOMEM;
    TRY(passphrase_make(proposal));
    account_invite_seed(req->house, request_param(req, "token"), seed);
    totp_base32(seed, base32);
    frame_staff(req, MSG_PEOPLE_INVITE_TITLE, STAFF_NONE, &page.frame);
    page.action = req->path;
    page.csrf = request_csrf(req, "/sign-in/invite/{token}");
    page.seed = spaced(req, base32);
    page.proposal = str_of(proposal);
    page.uri =
        str_of(arena_printf(req->arena, "otpauth://totp/Huiyin:" STR_FMT "?secret=%s&issuer=Huiyin",
                            STR_ARG(who->login), base32));
    page.password = people_field(req, "password", MSG_PEOPLE_PASSWORD,
                                 MSG_PEOPLE_INVITE_PASSWORD_HINT, "password");
    page.password.fill = STR("new-password");
    page.second =
        people_field(req, "second", MSG_PEOPLE_SECOND, MSG_PEOPLE_INVITE_SECOND_HINT, "text");
    page.second.fill = STR("one-time-code");
    page_invite_render(req->html, &page, req->lang);
    return reply_html(req, status);
}

enum err invite_view(struct request *req)
{
    struct account_by_invite_row who;
    TRY(find(req, req->db, req->arena, &req->err, &who));
    return show(req, &who, 200);
}

/* In the slow pool: the password is hashed here, not in the writer. */
enum err invite_prepare(struct request *req)
{
    const struct invite_input *in = request_form(req);
    struct enrolling *e = ARENA_NEW(req->arena, struct enrolling);
    if (e == NULL)
        return ERR_NOMEM;
    TRY(find(req, req->db, req->arena, &req->err, &e->who));
    const char *fault = password_fault(in->password, e->who.login, e->who.name);
    if (fault != NULL)
        form_fault_add(&req->faults, "password", fault);
    CLEANUP(buf_done) struct buf digits;
    buf_init(&digits, 256);
    words_only_digits(in->second, &digits);
    account_invite_seed(req->house, request_param(req, "token"), e->seed);
    e->step = totp_match(e->seed, buf_view(&digits), totp_step_of(req->now_us), 0);
    if (e->step < 0)
        form_fault_add(&req->faults, "second", "people.invite.second_wrong");
    if (req->faults.count > 0)
        return ERR_INVALID;
    TRY(people_passhash(in->password, e->passhash));
    req->model = e;
    return ERR_OK;
}

enum err invite_act(struct tx *tx, struct request *req)
{
    struct enrolling *e = req->model;
    struct account_by_invite_row who;
    unsigned char sealed[SEALED_SEED_BYTES];
    struct str hashes;
    int64_t changed = 0;
    TRY(find(req, tx->db, tx->arena, tx->info, &who));
    TRY(account_seal_seed(req->house, who.id, e->seed, sealed));
    TRY(account_recovery_make(req->house, who.id, tx->arena, e->codes, &hashes));
    const struct account_enrol_in in = {.id = who.id,
                                        .passhash = str_of(e->passhash),
                                        .totp = str_make(sealed, sizeof sealed),
                                        .step = e->step,
                                        .recovery = hashes,
                                        .none = STR("")};
    TRY(account_enrol(tx->db, &in, &changed));
    TRY(since_put(tx->db, who.id, tx->now_us));
    TRY(reset_drop(tx->db, who.id));
    const struct people_fact f = {
        .type = "officer.enrolled", .actor = "role:officer", .officer = who.id};
    return people_event(tx, &f);
}

static enum err show_again(struct request *req)
{
    struct account_by_invite_row who;
    struct err_info refusal = req->err;
    TRY(find(req, req->db, req->arena, &req->err, &who));
    req->err = refusal;
    return show(req, &who, 422);
}

enum err invite_reply(struct request *req)
{
    const struct enrolling *e = req->model;
    struct page_enrolled page = {.codes_count = PEOPLE_RECOVERY_CODES};
    if (req->err.err != ERR_OK || req->faults.count > 0)
        return show_again(req);
    frame_staff(req, MSG_PEOPLE_ENROLLED_TITLE, STAFF_NONE, &page.frame);
    page.codes = ARENA_ARRAY(req->arena, PEOPLE_RECOVERY_CODES, struct page_enrolled_codes);
    if (page.codes == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < PEOPLE_RECOVERY_CODES; i++)
        page.codes[i].code = str_of(e->codes[i]);
    page_enrolled_render(req->html, &page, req->lang);
    return reply_html(req, 200);
}
