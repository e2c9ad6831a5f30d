/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * password: what is good enough to be one. Fifteen characters or more, any script, no rules about
 * kinds of characters and no expiry (OWASP ASVS 5, 6.2); not one that everybody tries first, not
 * the login, the name or the program's name said again. Pure.
 */
#ifndef HUIYIN_PEOPLE_PASSWORD_H
#define HUIYIN_PEOPLE_PASSWORD_H

#include "base/str.h"

/* NULL when it is good; else the message key of what is wrong. */
const char *password_fault(struct str password, struct str login, struct str name);

#endif
