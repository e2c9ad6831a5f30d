/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * route: every door of the program, one row each, in const tables that main hands to the server.
 *
 * A row says who may come in, with which verb, which form its body has, how a foreign page is kept
 * from sending it, which event it leaves and which budget it draws on. route_table_new refuses a
 * table with a row that keeps silent about one of them, so that a door cannot be left open by
 * forgetting: the server does not start, and tests/http/test_route.c fails.
 *
 *     static const struct route ROUTES[] = {
 *         {.method = METHOD_GET, .path = "/desk/m/{ref}", .door = DOOR_OFFICER, .verb = VERB_READ,
 *          .csrf = CSRF_NONE, .budget = BUDGET_READ, .view = desk_matter_view},
 *         {.method = METHOD_POST, .path = "/desk/m/{ref}/note", .door = DOOR_OFFICER,
 *          .verb = VERB_NOTE, .form = &DESK_NOTE_FORM, .csrf = CSRF_SESSION,
 *          .event = "matter.noted", .budget = BUDGET_WRITE,
 *          .act = desk_note_act, .reply = desk_note_reply, .again = desk_note_again},
 *     };
 *
 * Life of a read: form of the query (when the row has one) -> view.
 * Life of a write: token -> form -> prepare -> act in the writer -> reply after the commit.
 *   Faults of the form, and refusals of prepare or act (ERR_REFUSED, ERR_INVALID, ERR_CONFLICT),
 *   go to `again`, which shows the page anew with request->faults or request->err and what was
 *   typed. Rows without `again`, and every row of DOOR_TOKEN, get the server's own page or JSON.
 *
 * Paths are literal segments and {name}; the last may be {name*}, which takes what is left, with
 * its slashes. A literal wins over a name. What stands for a name is [A-Za-z0-9._-]{1,64}; anything
 * else is a 404, so no text ever travels in an address. HEAD is answered where GET is.
 *
 * When the path has a parameter called {ref} and the door is officer or token, the server asks
 * auth->can() for that dossier and verb before the handler, and again inside the writer's
 * savepoint; a dossier that is barred or absent is the same 404. request->dossier is then filled.
 */
#ifndef HUIYIN_HTTP_ROUTE_H
#define HUIYIN_HTTP_ROUTE_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct form;
struct request;
struct tx;

enum method { METHOD_UNSET = 0, METHOD_GET, METHOD_POST };

enum door {
    DOOR_UNSET = 0,
    DOOR_PUBLIC,  /* said aloud: anyone, no session needed */
    DOOR_PERSON,  /* a person's session: came in with a code, or has just raised a matter */
    DOOR_OFFICER, /* an officer's session in a browser */
    DOOR_TOKEN    /* Authorization: Bearer hyt_...; JSON; no cookies are read */
};

/* Verbs are those of spine/verb.h; on a path without {ref} it is enough to hold, today, any post
 * that may have the verb. This one is for what is the officer's own (signing out, delegation). */
#define ROUTE_VERB_OWN (UINT32_C(1) << 31)

enum csrf {
    CSRF_UNSET = 0,
    CSRF_NONE,    /* changes nothing: only GET */
    CSRF_SESSION, /* the field `csrf`, under the key of the session or of the pre-session cookie */
    CSRF_BEARER,  /* the token is in a header, which a foreign page cannot send: DOOR_TOKEN */
    CSRF_SIGNED   /* the body is a text that act believes by its signatures alone, whoever brings
                     it: DOOR_PUBLIC, text/plain, no form; it stands in request->text */
};

/* For `event` of a write that leaves no event in the log, said aloud: it changes nothing but the
 * caller's own session, half-filled form or preferences. */
#define AUDIT_SESSION "session"
/* The same for what only proves what is there: cosignatures of the log. */
#define AUDIT_PROOF "proof"

enum budget {
    BUDGET_UNSET = 0,
    BUDGET_READ,    /* pages */
    BUDGET_WRITE,   /* acts of people who are signed in */
    BUDGET_RAISE,   /* sending a matter */
    BUDGET_CODE,    /* trying a code */
    BUDGET_SIGN_IN, /* trying a password */
    BUDGET_API,     /* by token */
    BUDGET_NONE,    /* said aloud: static, log tiles */
    BUDGET_COUNT
};

enum {
    ROUTE_SLOW = 1 << 0, /* view or prepare takes over 20 ms (argon2, PDF): run in the slow pool */
    ROUTE_STEP_UP = 1 << 1, /* password and second factor within the last five minutes */
    ROUTE_STEADY = 1 << 2,  /* the answer leaves a fixed 600 ms after the request came */
    ROUTE_CACHE = 1 << 3    /* the handler sets Cache-Control itself: log tiles, public figures */
};

enum { ROUTE_PARAMS_MAX = 4, ROUTE_PARAM_BYTES_MAX = 64, ROUTE_REST_BYTES_MAX = 256 };

typedef enum err route_fn(struct request *req);
typedef enum err route_act_fn(struct tx *tx, struct request *req);

struct route {
    enum method method;
    const char *path;
    enum door door;
    uint32_t verb; /* officer and token doors: one or more verbs, all of them needed */
    const struct form *form;
    enum csrf csrf;
    const char *event; /* the type of the event a write leaves, or AUDIT_SESSION */
    enum budget budget;
    uint32_t flags;
    size_t body_max;   /* bytes of body; 0 means REQUEST_BODY_MAX */
    route_fn *view;    /* GET: on an HTTP thread with its read-only connection */
    route_fn *prepare; /* POST, optional: before the writer, with a read-only connection */
    route_act_fn *act; /* POST, optional with AUDIT_SESSION: in the writer's savepoint; may be run
                          again after a roll-back, so it writes only what it writes anew */
    route_fn *reply;   /* POST: after the commit */
    route_fn *again;   /* optional */
};

struct route_span {
    const struct route *routes;
    size_t count;
};

struct route_table;

struct route_match {
    const struct route *route; /* NULL: no such path, or not for this method */
    bool path_known;           /* another method has it */
    const char *allow;         /* then: "GET, HEAD" or "POST" or both */
    struct str params[ROUTE_PARAMS_MAX];
    size_t param_count;
};

/* Checks every row and puts them in order. ERR_INVALID names the first bad row and what it lacks
 * in info->detail; two rows for one method and path are a fault too. The rows are not copied. */
enum err route_table_new(const struct route_span *spans, size_t span_count, struct err_info *info,
                         struct route_table **ret_table);
void route_table_free(struct route_table *table);

/* What row `i` in order is, for `huiyin routes`; NULL past the end. */
const struct route *route_table_at(const struct route_table *table, size_t i);
/* The row with exactly this path template, or NULL. */
const struct route *route_of_path(const struct route_table *table, enum method method,
                                  const char *path);

/* `path` as received, without query. Pure. */
void route_find(const struct route_table *table, enum method method, struct str path,
                struct route_match *ret_match);

/* Words for listings: "GET", "officer", "session". Never NULL. */
const char *route_method_name(enum method method);
const char *route_door_name(enum door door);
const char *route_csrf_name(enum csrf csrf);
const char *route_budget_name(enum budget budget);

#endif
