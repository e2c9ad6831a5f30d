/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * banned: force-included everywhere; names the calls that have no place here and what to use.
 *   strcpy, strcat, sprintf, vsprintf, strncpy, strncat  -> struct buf, snprintf
 *   gets, strtok, atoi, atol, atof                       -> str_cut, str_to_i64
 *   gmtime, localtime, ctime, asctime, mktime            -> base/instant.h, lib/text zones
 *   rand, srand, random                                  -> base/rng.h
 *   system, popen                                        -> nothing is run through a shell
 */
#ifndef HUIYIN_BASE_BANNED_H
#define HUIYIN_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The C library makes a macro of it where the compiler cannot count variable arguments. */
#undef sprintf
#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat
#pragma GCC poison gets strtok atoi atol atof
#pragma GCC poison gmtime localtime ctime asctime mktime
#pragma GCC poison rand srand random
#pragma GCC poison system popen

#endif
