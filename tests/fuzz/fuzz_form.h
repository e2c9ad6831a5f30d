/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fuzz_form: a form with a field of every type, and what must hold whatever comes in. */
#ifndef HUIYIN_TESTS_FUZZ_FORM_H
#define HUIYIN_TESTS_FUZZ_FORM_H

#include "http/form.h"

extern const struct form FUZZ_FORM;

/* Parses the fields and aborts when the struct holds what the rules do not let in. */
void fuzz_form_check(struct arena *a, const struct form_body *body, struct form_faults *faults);

#endif
