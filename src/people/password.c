/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "people/password.h"

#include "base/utf8.h"
#include "people/people.h"

/* Pieces of which the long passwords are made that everybody tries first. A password that is
 * nothing but these and digits, or one short piece again and again, is refused. */
static const char *const COMMON[] = {"password",
                                     "passwort",
                                     "passw0rd",
                                     "qwertyuiop",
                                     "qwerty",
                                     "asdfghjkl",
                                     "asdfgh",
                                     "zxcvbnm",
                                     "1q2w3e4r",
                                     "1qaz2wsx",
                                     "iloveyou",
                                     "letmein",
                                     "welcome",
                                     "admin",
                                     "administrator",
                                     "monkey",
                                     "dragon",
                                     "sunshine",
                                     "princess",
                                     "football",
                                     "baseball",
                                     "master",
                                     "shadow",
                                     "abc123",
                                     "trustno1",
                                     "woaini",
                                     "aini",
                                     "mima",
                                     "zhongguo",
                                     "beijing",
                                     "shanghai",
                                     "huiyin",
                                     "changeme",
                                     "secret",
                                     "login",
                                     "test",
                                     "user",
                                     "guest",
                                     "root",
                                     "summer",
                                     "winter",
                                     "spring",
                                     "autumn",
                                     "hello",
                                     "world",
                                     "love",
                                     "god",
                                     "correcthorsebatterystaple",
                                     "thequickbrownfox",
                                     "jumpsoverthelazydog",
                                     "abcdefghijklmnopqrstuvwxyz",
                                     "回音",
                                     "密码",
                                     "我爱你",
                                     "中国"};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts_nocase(struct str s, struct str piece)
{
    if (piece.len == 0 || s.len < piece.len)
        return false;
    for (size_t i = 0; i < piece.len; i++) {
        if (lower(s.ptr[i]) != lower(piece.ptr[i]))
            return false;
    }
    return true;
}

static bool is_filler(char c)
{
    return (c >= '0' && c <= '9') || c == ' ' || c == '.' || c == '-' || c == '_' || c == '!' ||
           c == '@' || c == '#' || c == '$';
}

/* Nothing is left when every common piece, the login, the name and fillers are taken out. */
static bool is_only_common(struct str s, struct str login, struct str name)
{
    size_t left = 0;
    while (s.len > 0) {
        size_t step = 0;
        for (size_t i = 0; i < sizeof COMMON / sizeof COMMON[0]; i++) {
            struct str piece = str_of(COMMON[i]);
            if (piece.len > step && starts_nocase(s, piece))
                step = piece.len;
        }
        if (step == 0 && starts_nocase(s, login))
            step = login.len;
        if (step == 0 && starts_nocase(s, name))
            step = name.len;
        if (step == 0 && !is_filler(s.ptr[0]))
            left++;
        s = str_sub(s, step == 0 ? 1 : step, s.len);
    }
    return left < 4;
}

/* One piece of at most five bytes over and over: "aaaaaaaaaaaaaaa", "123123123123123". */
static bool is_repeated(struct str s)
{
    for (size_t period = 1; period <= 5 && period < s.len; period++) {
        size_t i = period;
        while (i < s.len && s.ptr[i] == s.ptr[i - period])
            i++;
        if (i == s.len)
            return true;
    }
    return false;
}

/* Each byte one above or one below the one before it: "abcdefghijklmno". */
static bool is_ladder(struct str s)
{
    size_t steps = 0;
    for (size_t i = 1; i < s.len; i++) {
        int d = s.ptr[i] - s.ptr[i - 1];
        steps += d == 1 || d == -1 ? 1 : 0;
    }
    return s.len > 1 && steps + 3 >= s.len;
}

const char *password_fault(struct str password, struct str login, struct str name)
{
    if (utf8_count(password) < PEOPLE_PASSWORD_MIN)
        return "people.password.short";
    if (is_repeated(password) || is_ladder(password) || is_only_common(password, login, name))
        return "people.password.common";
    return NULL;
}
