/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * people: the staff at their own door: signing in, second factor, posts, delegation, tokens.
 *
 * Password (argon2id, 64 MiB, 3 passes) and TOTP are both needed; unknown login, wrong password,
 * wrong second factor and a throttled account look the same. An account begins with a one-time link
 * (people_invite), behind which its holder chooses the password and sets up the second factor; no
 * administrator ever knows either. Officers, posts and offices are spine/office.h; this room has
 * their pages, sessions and tokens.
 *
 *     huiyin init/serve     people_first prints the link of the first administrator
 *     demo, tests           people_enrol sets password and second factor without pages
 *     main                  people_auth fills http/auth.h; PEOPLE_ROUTES goes into the table
 *
 * Nothing here shows or guesses a second factor of somebody else. Who lost phone and recovery codes
 * begins anew with a one-time link, when one administrator asked for it and another confirmed it
 * within PEOPLE_RESET_US. Both must have been administrators with an account in use for
 * PEOPLE_KNOWN_US by our clock: who makes a second account for it, or lends his post, waits that
 * long in the open, for all of it is in the log and on the officer's own page.
 */
#ifndef HUIYIN_PEOPLE_PEOPLE_H
#define HUIYIN_PEOPLE_PEOPLE_H

#include "base/ids.h"
#include "http/auth.h"
#include "http/route.h"
#include "lib/crypt/crypt.h"
#include "lib/oath/totp.h"

struct house;
struct tx;

enum {
    PEOPLE_INVITE_BYTES = 40, /* text of a one-time link's last part, with its NUL */
    PEOPLE_TOKEN_BYTES = 48,  /* "hyt_..." with its NUL */
    PEOPLE_RECOVERY_CODES = 10,
    PEOPLE_RECOVERY_BYTES = 12, /* "xxxxx-xxxxx" with its NUL */
    PEOPLE_PASSWORD_MIN = 15
};

/* What everybody in the demo's town uses; its sign-in page says so. */
#define PEOPLE_DEMO_PASSWORD "an echo for every word"

#define PEOPLE_INVITE_US (INT64_C(72) * 3600 * 1000000)
#define PEOPLE_RESET_US (INT64_C(72) * 3600 * 1000000)
#define PEOPLE_KNOWN_US (INT64_C(7) * 24 * 3600 * 1000000)

extern const struct route PEOPLE_ROUTES[];
extern const size_t PEOPLE_ROUTE_COUNT;

/* `house` must outlive the server. */
void people_auth(const struct house *house, struct auth *ret_auth);

/* A fresh one-time link for an officer who has not set a password yet (or whose link ran out): the
 * page is /sign-in/invite/<text>, good for 72 hours, once. ERR_REFUSED "people.enrolled" when the
 * account is in use. */
enum err people_invite(struct tx *tx, struct officer_id officer,
                       char ret_text[PEOPLE_INVITE_BYTES]);

/* The first administrator: makes the officer `login` with POST_ADMIN in the top office (made when
 * there is none, called `house_name`) and a link. ERR_CONFLICT when an administrator has signed up
 * already; with one who has not, a new link for that one. */
enum err people_first(struct tx *tx, struct str login, struct str house_name,
                      char ret_text[PEOPLE_INVITE_BYTES]);

/* What stands in officer.passhash: slow on purpose (about 0.2 s), so never in the writer. */
enum err people_passhash(struct str password, char ret_text[PASSHASH_BYTES]);

/* Sets password and second factor at once, without pages: demo town and tests. */
struct people_secret {
    const char *passhash;
    unsigned char seed[TOTP_SEED_BYTES];
};
enum err people_enrol(struct tx *tx, const struct house *house, struct officer_id officer,
                      const struct people_secret *secret);

/* Makes an API token; the text is shown once, its hash is stored. */
enum err people_token_make(struct tx *tx, struct officer_id officer, struct str label,
                           int32_t until_day, char ret_text[PEOPLE_TOKEN_BYTES]);

/* `by` asks that the account begin anew. ERR_REFUSED: "people.reset.not_enrolled",
 * "people.reset.waits" when that is asked already, "people.reset.young" when `by` has not been an
 * administrator for PEOPLE_KNOWN_US, "people.reset.alone" when nobody other than these two has. */
enum err people_reset_ask(struct tx *tx, struct officer_id officer, struct officer_id by);
/* `by` confirms: password, second factor, sessions and tokens are gone, a one-time link is made.
 * ERR_REFUSED: "people.reset.gone" when nothing is asked or it ran out, "people.reset.same" for who
 * asked, "people.reset.own" for the officer, "people.reset.later" for who had not been an
 * administrator for PEOPLE_KNOWN_US when it was asked. */
enum err people_reset(struct tx *tx, struct officer_id officer, struct officer_id by,
                      char ret_text[PEOPLE_INVITE_BYTES]);

/* Not active any more: ends sessions and tokens in the same transaction, with an event. */
enum err people_disable(struct tx *tx, struct officer_id officer);

/* Deletes sessions past their time, at most 500: a job of the night. */
enum err people_sweep(struct tx *tx, int64_t now_us);

#endif
