/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_raise: a matter of the town as the form, the desk or the telephone would bring it. */
#include "base/mem.h"
#include "keep/demo_inside.h"
#include "lib/json/jsonr.h"
#include "lib/json/jsonw.h"
#include "spine/pack.h"
#include "trust/code.h"

enum { CODE_EVERY = 11 };

/* Canonical JSON of what the kind asks, answered with the case's own words. */
static enum err answers_of(struct arena *a, const struct pack_kind *kind,
                           const struct matter_body *body, struct str *ret_answers)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 64 * 1024);
    const struct pack_question *sorted[64];
    size_t count = 0;
    for (size_t i = 0; i < kind->question_count && count < 64; i++) {
        size_t at = count++;
        for (; at > 0 && str_cmp(sorted[at - 1]->id, kind->question[i].id) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = &kind->question[i];
    }
    struct jsonw w;
    jsonw_init(&w, &b, JSONW_CANONICAL);
    jsonw_object(&w);
    for (size_t i = 0; i < count; i++) {
        const struct pack_question *q = sorted[i];
        struct str said = STR_NULL;
        if (q->base == PACK_ASK_PLACE)
            said = body->place;
        else if (q->base == PACK_ASK_WISH)
            said = body->wish;
        else if (q->required && (q->type == PACK_LINE || q->type == PACK_TEXT))
            said = q->type == PACK_LINE ? body->title : body->text;
        else if (q->required && q->choice_count > 0)
            said = q->choice[0].id;
        else if (q->required)
            said = q->type == PACK_YES_NO ? STR("yes") : STR("1");
        if (said.len > 0) {
            jsonw_name_str(&w, q->id);
            jsonw_str(&w, said);
        }
    }
    jsonw_end(&w);
    TRY(jsonw_err(&w));
    *ret_answers = str_copy(a, buf_view(&b));
    return ret_answers->ptr == NULL ? ERR_NOMEM : ERR_OK;
}

static enum matter_identity identity_of(const struct pack_kind *kind, size_t n)
{
    if (kind->may_be_anonymous && n % 5 == 0)
        return IDENTITY_ANONYMOUS;
    if (kind->may_be_known)
        return IDENTITY_KNOWN;
    return kind->may_be_sealed ? IDENTITY_SEALED : IDENTITY_ANONYMOUS;
}

static enum err raise_body(struct raising *r, size_t n, int64_t now_us)
{
    const struct demo_matter *m = r->matter;
    const struct demo_words *w = &m->what->words[m->lang];
    struct arena *a = r->demo->arena;
    struct matter_body *b = &r->raise.command.body;
    *b = (struct matter_body){
        .kind = r->kind->id,
        .lang = demo_lang_tag(m->lang),
        .source = STR("demo"),
        .title = demo_plan_text(a, m, w->title),
        .text = demo_plan_text(a, m, w->text),
        .wish = demo_plan_text(a, m, w->wish),
        .place = m->what->places->item[m->place].item[m->lang].text,
        .channel = m->channel,
        .identity = identity_of(r->kind, n),
        .danger = str_eq_c(m->what->base, "danger"),
        .received_day = house_day(r->demo->house, now_us),
    };
    if (m->channel == CHANNEL_LETTER)
        b->received_day--;
    if (b->title.ptr == NULL || b->text.ptr == NULL)
        return ERR_NOMEM;
    return answers_of(a, r->kind, b, &b->answers);
}

/* Who it is: a card for those who are known, a sealed box for those who are not. */
static enum err raise_who(struct raising *r, size_t n, int64_t now_us)
{
    struct demo *d = r->demo;
    const struct matter_body *b = &r->raise.command.body;
    const struct json *people = d->town.people[r->matter->lang];
    r->card = (struct identity){
        .name = people->item[n % people->count].text,
        .phone = STR("000-5550199"),
        .lang = b->lang,
    };
    uint8_t tlv[256];
    size_t len = 0;
    if (b->identity == IDENTITY_KNOWN)
        r->raise.card = &r->card;
    if (b->identity == IDENTITY_SEALED)
        TRY(identity_encode(&r->card, tlv, sizeof(tlv), &len));
    const struct keeper_seal seal = {
        .policy = POLICY_DEFAULT,
        .identity = str_make(tlv, len),
        .lang = str_sub(b->lang, 0, 2),
        .now_us = now_us,
    };
    TRY(keeper_err(keeper_seal(d->house->keeper, &seal, &r->handle)));
    r->raise.handle = &r->handle;
    return ERR_OK;
}

static bool is_reported(const struct pack_kind *kind)
{
    return kind->base == PACK_WRONGDOING || kind->base == PACK_DETRIMENT;
}

/* Over the counter: a member of the desk types it in for the office of the desk. */
static void raise_at_desk(struct raising *r)
{
    const struct demo_town *t = &r->demo->town;
    r->raise.who = WHO_PERSON;
    if (r->matter->channel == CHANNEL_WEB)
        return;
    for (size_t i = 0; i < t->officer_count; i++) {
        const struct demo_officer *o = &t->officers[i];
        if (o->posts[0].post != POST_DESK)
            continue;
        r->raise.who = WHO_OFFICER;
        r->raise.officer = o->id;
        r->raise.post = POST_DESK;
        r->raise.office = demo_town_office(t, o->posts[0].office)->id;
        r->raise.give_register_number = true;
        return;
    }
}

enum err demo_raise_prepare(struct demo *d, struct demo_matter *m, int64_t at_us, struct raising *r)
{
    size_t n = (size_t)(m - d->plan.matters);
    *r = (struct raising){
        .demo = d,
        .matter = m,
        .kind = demo_town_kind(d->house->pack, m->what->base),
        .raise.command.what = DO_RAISE,
    };
    TRY(raise_body(r, n, at_us));
    TRY(raise_who(r, n, at_us));
    raise_at_desk(r);
    if (is_reported(r->kind)) {
        r->subject = (struct subject){.kind = SUBJECT_OFFICE,
                                      .ref = demo_town_office(&d->town, m->what->office)->id.v,
                                      .source = SOURCE_PERSON};
        r->raise.subjects = &r->subject;
        r->raise.subject_count = 1;
    }
    r->coded = m->channel == CHANNEL_WEB && n % CODE_EVERY == 0;
    if (r->coded) {
        TRY(keeper_err(keeper_code_new(d->house->keeper, &r->code)));
        r->raise.lookup = r->code.lookup;
    }
    return ERR_OK;
}

enum err demo_raise(struct tx *tx, struct raising *r)
{
    struct matter_done done;
    TRY(matter_raise(tx, &r->raise, &done));
    r->matter->id = done.id;
    return ERR_OK;
}

void demo_raise_tell(struct raising *r)
{
    struct demo_told *told = r->demo->told;
    told->matters++;
    told->events++;
    if (r->coded && told->code_count < DEMO_CODES_MAX) {
        struct demo_code *c = &told->codes[told->code_count++];
        code_spaced(r->code.digits, c->text);
        c->lang = r->raise.command.body.lang;
        c->title = r->raise.command.body.title;
    }
    code_wipe(&r->code);
}
