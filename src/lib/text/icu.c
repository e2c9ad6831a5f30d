/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/text/icu.h"

#include "base/mem.h"

#include <pthread.h>

#include <unicode/ustring.h>

enum { PATTERN_UNITS_MAX = 128 };

struct icu_thread {
    UPluralRules *plurals[ICU_LANGS_MAX];
    UNumberFormat *numbers[ICU_LANGS_MAX];
    UDateFormat *dates[ICU_LANGS_MAX][ICU_DATE_COUNT];
    UCollator *collators[ICU_LANGS_MAX];
    UBreakIterator *words;
};

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool key_made;
static _Thread_local struct icu_thread *mine;

static void thread_free(void *p)
{
    struct icu_thread *t = p;
    for (size_t i = 0; i < ICU_LANGS_MAX; i++) {
        if (t->plurals[i] != NULL)
            uplrules_close(t->plurals[i]);
        if (t->numbers[i] != NULL)
            unum_close(t->numbers[i]);
        for (size_t k = 0; k < ICU_DATE_COUNT; k++)
            if (t->dates[i][k] != NULL)
                udat_close(t->dates[i][k]);
        if (t->collators[i] != NULL)
            ucol_close(t->collators[i]);
    }
    if (t->words != NULL)
        ubrk_close(t->words);
    mem_free(t);
    mine = NULL;
}

/* The main thread leaves by exit(), which runs no thread destructors. */
__attribute__((destructor)) static void main_thread_free(void)
{
    if (mine != NULL)
        thread_free(mine);
}

static void key_make(void)
{
    key_made = pthread_key_create(&key, thread_free) == 0;
}

static struct icu_thread *thread_get(void)
{
    if (mine != NULL)
        return mine;
    (void)pthread_once(&key_once, key_make);
    if (!key_made)
        return NULL;
    struct icu_thread *t = mem_new(sizeof *t);
    if (t == NULL)
        return NULL;
    if (pthread_setspecific(key, t) != 0) {
        mem_free(t);
        return NULL;
    }
    mine = t;
    return t;
}

UPluralRules *icu_plural_rules(size_t lang, const char *locale)
{
    struct icu_thread *t = thread_get();
    if (t == NULL || lang >= ICU_LANGS_MAX)
        return NULL;
    if (t->plurals[lang] == NULL) {
        UErrorCode e = U_ZERO_ERROR;
        UPluralRules *made = uplrules_open(locale, &e);
        t->plurals[lang] = U_SUCCESS(e) ? made : NULL;
    }
    return t->plurals[lang];
}

UNumberFormat *icu_number_format(size_t lang, const char *locale)
{
    struct icu_thread *t = thread_get();
    if (t == NULL || lang >= ICU_LANGS_MAX)
        return NULL;
    if (t->numbers[lang] == NULL) {
        UErrorCode e = U_ZERO_ERROR;
        UNumberFormat *made = unum_open(UNUM_DECIMAL, NULL, 0, locale, NULL, &e);
        t->numbers[lang] = U_SUCCESS(e) ? made : NULL;
    }
    return t->numbers[lang];
}

UDateFormat *icu_date_format(size_t lang, const char *locale, enum icu_date form,
                             const char *pattern, size_t pattern_len)
{
    struct icu_thread *t = thread_get();
    if (t == NULL || lang >= ICU_LANGS_MAX || form >= ICU_DATE_COUNT)
        return NULL;
    if (t->dates[lang][form] == NULL) {
        UErrorCode e = U_ZERO_ERROR;
        UChar wide[PATTERN_UNITS_MAX];
        int32_t n = 0;
        (void)u_strFromUTF8(wide, PATTERN_UNITS_MAX, &n, pattern, (int32_t)pattern_len, &e);
        UDateFormat *made =
            U_SUCCESS(e) ? udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, u"UTC", -1, wide, n, &e)
                         : NULL;
        t->dates[lang][form] = U_SUCCESS(e) ? made : NULL;
    }
    return t->dates[lang][form];
}

UCollator *icu_collator(size_t lang, const char *locale)
{
    struct icu_thread *t = thread_get();
    if (t == NULL || lang >= ICU_LANGS_MAX)
        return NULL;
    if (t->collators[lang] == NULL) {
        UErrorCode e = U_ZERO_ERROR;
        UCollator *made = ucol_open(locale, &e);
        t->collators[lang] = U_SUCCESS(e) ? made : NULL;
    }
    return t->collators[lang];
}

UBreakIterator *icu_word_breaks(void)
{
    struct icu_thread *t = thread_get();
    if (t == NULL)
        return NULL;
    if (t->words == NULL) {
        UErrorCode e = U_ZERO_ERROR;
        UBreakIterator *made = ubrk_open(UBRK_WORD, "en", NULL, 0, &e);
        t->words = U_SUCCESS(e) ? made : NULL;
    }
    return t->words;
}
