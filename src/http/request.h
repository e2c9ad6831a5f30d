/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * request: what a handler knows of the one who asks, and request_*: what it may ask of the server.
 *
 * One thread at a time owns a request: the HTTP thread (or a slow thread) until the write is
 * queued, the writer during `act`, the HTTP thread again from `reply` on. A handler keeps nothing
 * of it after it returned. All memory is the request's arena, capped at REQUEST_ARENA_MAX.
 *
 * There is no address, no user agent and no referrer in here, and nothing that leads to one.
 */
#ifndef HUIYIN_HTTP_REQUEST_H
#define HUIYIN_HTTP_REQUEST_H

#include "base/arena.h"
#include "base/ids.h"
#include "http/auth.h"
#include "http/form.h"
#include "http/route.h"

struct db;
struct exchange;
struct house;
struct html;
struct msg_lang;
struct person_session;
struct server;

enum {
    REQUEST_BODY_MAX = 512 * 1024,
    REQUEST_ARENA_MAX = 8 * 1024 * 1024,
    REQUEST_URI_MAX = 2000,
    REQUEST_HEADERS_MAX = 8 * 1024
};

/* Which pages it belongs to, by the first part of the path. */
enum face { FACE_PERSON = 0, FACE_DESK, FACE_DUTY, FACE_RECORD, FACE_ADMIN, FACE_API };

struct request {
    const struct route *route;
    struct server *server;
    struct exchange *exchange; /* the server's side of it */
    struct arena *arena;
    struct db *db;             /* this thread's read-only connection; NULL inside act: use tx->db */
    const struct house *house; /* pack, zone, offices, keys: spine/house.h */
    int64_t now_us;            /* when it came */

    enum face face;
    struct str path; /* without query; for the language links of a page, never for a log */
    struct str params[ROUTE_PARAMS_MAX];
    size_t param_count;
    bool wants_json; /* DOOR_TOKEN: faults and refusals are JSON */
    bool demo;       /* the invented town: a band on every page */

    const struct msg_lang *lang; /* never NULL */
    bool large;                  /* large-print mode */

    struct who who;                /* officer and token doors (also read on public ones) */
    struct person_session *person; /* http/session.h; NULL when there is none */
    struct dossier_id dossier;     /* of {ref} at officer and token doors */

    struct form_body body;     /* fields as they came */
    struct str text;           /* CSRF_SIGNED: the body as it came */
    void *form;                /* the struct of route->form, zeroed and filled; NULL without form */
    struct form_faults faults; /* everything wrong with it */
    struct err_info err;       /* why prepare or act refused */

    void *model;       /* for the handler: from prepare and act to reply, in the arena */
    struct html *html; /* where templates write; empty at the start of every handler */
};

/* The parameter of that name in the path; asking for one the row has not is a defect ("" then). */
struct str request_param(const struct request *req, const char *name);

/* The struct of the row's form. */
#define request_form(req) ((req)->form)

/* What was typed into a field, safe to show again. */
struct str request_typed(struct request *req, const char *field);

/* The value for the hidden field `csrf` of a form that posts to the row with that path template,
 * as "/desk/m/{ref}/note". Sets a pre-session cookie when there is no session. "" without memory.
 */
struct str request_csrf(struct request *req, const char *route_path);

/* How long ago the page with this form was made, from its csrf token; 0 when unknown. People take
 * more than 4 s, robots less: a hint for triage, never a refusal. */
int64_t request_form_age_us(const struct request *req);

/* A request header that a handler has a reason to read ("Idempotency-Key", "If-None-Match").
 * Headers that could tell who is asking (addresses, agent, referrer, cookies) answer STR_NULL. */
struct str request_header(const struct request *req, const char *name);

/* Counts `cost` against a budget of the same visitor; false: over it. For what is counted only
 * when it succeeds so far (codes whose tag is right). */
bool request_budget(struct request *req, enum budget budget, uint32_t cost);

/* ---- answers: each may be called once; the last one before the handler returns is sent ------ */

/* The page in request->html. */
enum err reply_html(struct request *req, int status);
/* 303 to a path of ours. ERR_INTERNAL when it does not begin with one '/', or holds a control. */
enum err reply_see_other(struct request *req, struct str path);
/* application/json; the bytes must live in the arena or for ever. */
enum err reply_json(struct request *req, int status, struct str json);
/* A download: attachment with that ASCII name, never shown in place. */
enum err reply_file(struct request *req, const char *type, struct str name, struct str bytes);
/* Text or binary of ours (log tiles, feeds) with that type, shown in place. */
enum err reply_bytes(struct request *req, int status, const char *type, struct str bytes);
/* One more header, with a literal name and a value of printable ASCII. */
enum err reply_header(struct request *req, const char *name, struct str value);
/* Answers with an error of ours as a page or JSON: what the server does when a handler returns
 * an error. */
enum err reply_error(struct request *req, enum err err);

#endif
