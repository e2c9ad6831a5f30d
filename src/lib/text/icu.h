/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * icu: the ICU objects of one thread, opened at first use and closed when the thread ends.
 *
 * For the files of lib/text alone. Each function answers NULL when ICU could not open the object
 * (no memory, or no data for that locale); a later call tries again. `lang` is the index of a
 * language in the chooser, below ICU_LANGS_MAX.
 */
#ifndef HUIYIN_LIB_TEXT_ICU_H
#define HUIYIN_LIB_TEXT_ICU_H

#include <stddef.h>

#include <unicode/ubrk.h>
#include <unicode/ucol.h>
#include <unicode/udat.h>
#include <unicode/unum.h>
#include <unicode/upluralrules.h>

enum { ICU_LANGS_MAX = 32 };

enum icu_date { ICU_DATE_LONG = 0, ICU_DATE_SHORT, ICU_DATE_TIME, ICU_DATE_COUNT };

UPluralRules *icu_plural_rules(size_t lang, const char *locale);
UNumberFormat *icu_number_format(size_t lang, const char *locale);
/* `pattern` is taken at the first call for that language and form; formats in UTC. */
UDateFormat *icu_date_format(size_t lang, const char *locale, enum icu_date form,
                             const char *pattern, size_t pattern_len);
UCollator *icu_collator(size_t lang, const char *locale);
UBreakIterator *icu_word_breaks(void);

#endif
