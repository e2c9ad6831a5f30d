/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/doors.h"

#include "base/arena.h"
#include "base/rng.h"
#include "db/writer.h"
#include "http/form.h"
#include "http/request.h"
#include "matter/api.h"
#include "matter/desk.h"
#include "matter/use.h"
#include "spine/house.h"
#include "spine/keys.h"
#include "spine/ref.h"
#include "spine/verb.h"
#include "trust/keeper.h"

/* An officer's token raises a matter of an open kind: JSON in, JSON out, with an idempotency key.
 */
struct person_input {
    struct str kind;
    struct str title;
    struct str text;
    struct str place;
    struct str what;
};

struct person_keys {
    uint8_t lookup[32];
    struct id16 handle;
};

static const struct form_field PERSON_FIELDS[] = {
    FORM_TEXT(struct person_input, kind, 1, 100),    FORM_TEXT(struct person_input, title, 1, 200),
    FORM_LINES(struct person_input, text, 1, 20000), FORM_TEXT(struct person_input, place, 0, 200),
    FORM_LINES(struct person_input, what, 1, 2000),
};
static const struct form PERSON_FORM =
    FORM_INIT("bench person", struct person_input, PERSON_FIELDS);

/* As a person: a code (its lookup; the keeper's stock has the slow part behind it), an empty
 * identity box and notify box, content sealed under keys of its own. */
static enum err person_prepare(struct request *req)
{
    struct person_keys *k = ARENA_NEW(req->arena, struct person_keys);
    if (k == NULL)
        return ERR_NOMEM;
    const struct keeper_seal seal = {
        .policy = POLICY_DEFAULT, .lang = STR("en"), .now_us = req->now_us};
    TRY(rng_bytes(k->lookup, sizeof k->lookup));
    TRY(keeper_err(keeper_seal(req->house->keeper, &seal, &k->handle)));
    req->model = k;
    return ERR_OK;
}

static enum err person_act(struct tx *tx, struct request *req)
{
    const struct person_input *in = request_form(req);
    const struct person_keys *k = req->model;
    const char *answers = arena_printf(req->arena, "{\"what\":\"" STR_FMT "\"}", STR_ARG(in->what));
    struct matter_done *done = ARENA_NEW(req->arena, struct matter_done);
    if (answers == NULL || done == NULL)
        return ERR_NOMEM;
    const struct matter_raise r = {
        .command = {.what = DO_RAISE,
                    .body = {.kind = in->kind,
                             .title = in->title,
                             .text = in->text,
                             .place = in->place,
                             .answers = str_of(answers),
                             .lang = STR("en"),
                             .channel = CHANNEL_WEB,
                             .identity = IDENTITY_SEALED}},
        .who = WHO_PERSON,
        .lookup = k->lookup,
        .handle = &k->handle,
    };
    TRY(matter_raise(tx, &r, done));
    req->model = done;
    return ERR_OK;
}

static enum err person_reply(struct request *req)
{
    const struct matter_done *done = req->model;
    char ref[REF_BYTES + 1];
    ref_format(req->house->keys->k_id, done->id, ref);
    const char *json = arena_printf(req->arena, "{\"ref\":\"%s\"}", ref);
    return json == NULL ? ERR_NOMEM : reply_json(req, 201, str_of(json));
}

static const struct route BENCH_ROUTES[] = {
    {.method = METHOD_POST,
     .path = "/api/bench/person",
     .door = DOOR_TOKEN,
     .verb = VERB_TAKE_IN,
     .form = &PERSON_FORM,
     .csrf = CSRF_BEARER,
     .event = "matter.received",
     .budget = BUDGET_API,
     .prepare = person_prepare,
     .act = person_act,
     .reply = person_reply},
};

const struct route_span *doors_all(size_t *ret_count)
{
    static struct route_span spans[3];
    spans[0] = (struct route_span){DESK_ROUTES, DESK_ROUTE_COUNT};
    spans[1] = (struct route_span){BENCH_ROUTES, sizeof BENCH_ROUTES / sizeof BENCH_ROUTES[0]};
    spans[2] = (struct route_span){MATTER_API_ROUTES, MATTER_API_ROUTE_COUNT};
    *ret_count = 3;
    return spans;
}
