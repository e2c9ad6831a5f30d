/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * door: a house with one clerk and the link of its first administrator, and browsers before it.
 *
 * Group fixtures door_open and door_close; door_packs is set first. What came back last is in
 * `r`. The clock is virtual and moves on by door_tick only.
 */
#ifndef HUIYIN_TESTS_PEOPLE_DOOR_H
#define HUIYIN_TESTS_PEOPLE_DOOR_H

#include "lib/crypt/crypt.h"
#include "lib/oath/totp.h"
#include "people/people.h"
#include "tests/check.h"
#include "tests/http/loopback.h"

#define PASSWORD "the stairs at gate four"
#define PASSWORD_SENT "the+stairs+at+gate+four"

/* One set of cookies; `csrf` is the form's token. */
struct browser {
    char person[100];
    char officer[100];
    char device[100];
    char csrf[60];
};

struct seeded {
    unsigned char seed[TOTP_SEED_BYTES];
    char hash[PASSHASH_BYTES];
    struct officer_id id;
    char invite[PEOPLE_INVITE_BYTES]; /* of the first administrator */
};

extern char door_packs[512];
extern struct house *house;
extern struct auth auth;
extern struct answer_read r;
extern struct seeded clerk;
extern unsigned char admin_seed[TOTP_SEED_BYTES];

int door_open(void **state);
int door_close(void **state);

/* The clock moves on; half a minute and more makes every second factor a new one. */
void tick(int64_t seconds);

void go(struct browser *b, const char *path);
/* The token of the form that posts to `action`. */
void find_csrf(struct browser *b, const char *action);
/* Opens `page`, takes the token of the form for `action`, sends the fields. */
void send_form(struct browser *b, const char *page, const char *action, const char *fields);
/* What stands between `from` and `to` on the page, into `room`. */
void pick(const char *from, const char *to, char *room, size_t size);

void sign_in(struct browser *b, const char *login, const char *password, const char *code);
const char *code_now(const unsigned char *seed);
/* Signs the administrator in, whose password is ADMIN_SENT. */
#define ADMIN_SENT "a+lantern+over+the+bridge"
void admin_in(struct browser *b);
/* Behind that link: password and second factor, whose seed is given back. */
void enrol(const char *invite, const char *password, unsigned char ret_seed[TOTP_SEED_BYTES]);

/* How many events of the house say `words`. */
int told(const char *words);

#endif
