/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "verify/policy.h"

#include "tests/fuzz/fuzz.h"

static void must_be_a_tree(const struct policy *p)
{
    must(p->log_count >= 1 && p->log_count <= POLICY_LOGS_MAX);
    must(p->name_count <= POLICY_NAMES_MAX && p->has_quorum);
    must(p->needs_none || p->quorum < p->name_count);
    for (size_t i = 0; i < p->name_count; i++) {
        const struct policy_name *n = &p->names[i];
        if (n->is_group)
            must(n->member_count >= 1 && n->needed >= 1 && n->needed <= n->member_count);
        for (size_t k = 0; k < n->member_count; k++)
            must(n->member[k] < i && p->names[n->member[k]].is_member);
    }
}

/* A policy and a note: groups are of names before them, and a verdict fits what was seen. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    struct str note = str_make(bytes, len);
    struct str text = fuzz_cut(&note);
    struct policy p;
    struct policy_seen seen;
    struct checkpoint c;
    int32_t line = -1;
    if (policy_parse(text, &p, &line) != ERR_OK) {
        must(line >= 0);
        return 0;
    }
    must_be_a_tree(&p);
    if (note_parse(note, &c) != ERR_OK)
        return 0;
    enum policy_verdict verdict = policy_check(&p, &c, &seen);
    must(verdict != POLICY_UNSET);
    if (verdict == POLICY_VALID && !p.needs_none)
        must(seen.first <= seen.last);
    return 0;
}
