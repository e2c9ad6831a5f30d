/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cookie: reads one value out of a Cookie header (RFC 6265 section 4.2). Pure. */
#ifndef HUIYIN_HTTP_COOKIE_H
#define HUIYIN_HTTP_COOKIE_H

#include "base/str.h"

/* The value of `name`; STR_NULL when it is not there, and also when it is there twice: a planted
 * second cookie must not win, nor may the order decide. */
struct str cookie_find(struct str header, const char *name);

#endif
