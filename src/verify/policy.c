/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "verify/policy.h"

#include <string.h>

/* The next word of a line, blanks and tabs between. */
static struct str word_of(struct str *rest)
{
    size_t at = 0;
    while (at < rest->len && (rest->ptr[at] == ' ' || rest->ptr[at] == '\t'))
        at++;
    size_t end = at;
    while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '\t')
        end++;
    struct str word = str_sub(*rest, at, end - at);
    *rest = str_sub(*rest, end, rest->len);
    return word;
}

static size_t name_find(const struct policy *p, struct str name)
{
    for (size_t i = 0; i < p->name_count; i++)
        if (str_eq(p->names[i].name, name))
            return i;
    return SIZE_MAX;
}

static bool is_key_known(const struct policy *p, const struct note_key *k)
{
    for (size_t i = 0; i < p->log_count; i++)
        if (memcmp(p->logs[i].pub, k->pub, KEY_BYTES) == 0)
            return true;
    for (size_t i = 0; i < p->name_count; i++)
        if (!p->names[i].is_group && memcmp(p->names[i].key.pub, k->pub, KEY_BYTES) == 0)
            return true;
    return false;
}

static bool parse_log(struct policy *p, struct str rest)
{
    struct note_key key;
    if (p->log_count == POLICY_LOGS_MAX || !note_key_parse(word_of(&rest), &key) ||
        key.algorithm != NOTE_ED25519 || is_key_known(p, &key))
        return false;
    p->logs[p->log_count++] = key;
    (void)word_of(&rest); /* an address, of no use to a verifier */
    return word_of(&rest).len == 0;
}

/* A fresh name, with its row; NULL when it is taken, reserved or there is no room. */
static struct policy_name *name_new(struct policy *p, struct str name)
{
    if (name.len == 0 || str_eq_c(name, "none") || p->name_count == POLICY_NAMES_MAX ||
        name_find(p, name) != SIZE_MAX)
        return NULL;
    struct policy_name *n = &p->names[p->name_count];
    *n = (struct policy_name){.name = name};
    return n;
}

static bool parse_witness(struct policy *p, struct str rest)
{
    struct policy_name *n = name_new(p, word_of(&rest));
    if (n == NULL || !note_key_parse(word_of(&rest), &n->key) ||
        n->key.algorithm != NOTE_COSIGNATURE || is_key_known(p, &n->key))
        return false;
    (void)word_of(&rest);
    p->name_count++;
    return word_of(&rest).len == 0;
}

static bool parse_group(struct policy *p, struct str rest)
{
    struct policy_name *n = name_new(p, word_of(&rest));
    struct str needed = word_of(&rest);
    int64_t k = 0;
    if (n == NULL)
        return false;
    n->is_group = true;
    for (struct str word = word_of(&rest); word.len > 0; word = word_of(&rest)) {
        size_t i = name_find(p, word);
        if (i == SIZE_MAX || p->names[i].is_member)
            return false;
        p->names[i].is_member = true;
        n->member[n->member_count++] = i;
    }
    if (str_eq_c(needed, "all"))
        k = (int64_t)n->member_count;
    else if (str_eq_c(needed, "any"))
        k = 1;
    else if (!str_to_i64(needed, 1, (int64_t)n->member_count, &k))
        return false;
    n->needed = (size_t)k;
    p->name_count++;
    return n->member_count > 0;
}

static bool parse_quorum(struct policy *p, struct str rest)
{
    struct str name = word_of(&rest);
    if (p->has_quorum || word_of(&rest).len != 0)
        return false;
    p->has_quorum = true;
    p->needs_none = str_eq_c(name, "none");
    p->quorum = name_find(p, name);
    return p->needs_none || p->quorum != SIZE_MAX;
}

static bool parse_line(struct policy *p, struct str line)
{
    struct str rest = line;
    struct str word = word_of(&rest);
    if (word.len == 0 || word.ptr[0] == '#')
        return true;
    if (str_eq_c(word, "log"))
        return parse_log(p, rest);
    if (str_eq_c(word, "witness"))
        return parse_witness(p, rest);
    if (str_eq_c(word, "group"))
        return parse_group(p, rest);
    return str_eq_c(word, "quorum") && parse_quorum(p, rest);
}

enum err policy_parse(struct str text, struct policy *ret_policy, int32_t *ret_line)
{
    *ret_policy = (struct policy){.log_count = 0};
    *ret_line = 0;
    struct str rest = text;
    struct str line = STR_NULL;
    for (int32_t n = 1; str_cut(&rest, '\n', &line); n++) {
        bool is_good = parse_line(ret_policy, line);
        for (size_t i = 0; i < line.len; i++)
            is_good = is_good && ((unsigned char)line.ptr[i] >= ' ' || line.ptr[i] == '\t') &&
                      line.ptr[i] != 0x7F;
        if (!is_good) {
            *ret_line = n;
            return ERR_INVALID;
        }
    }
    return ret_policy->has_quorum && ret_policy->log_count > 0 ? ERR_OK : ERR_INVALID;
}

/* ---- checking ----------------------------------------------------------------------------------
 */

static enum policy_verdict check_log(const struct policy *p, const struct checkpoint *c)
{
    for (size_t i = 0; i < p->log_count; i++) {
        if (!str_eq(p->logs[i].name, c->origin))
            continue;
        enum note_signed is_signed = note_check(c, &p->logs[i], NULL);
        if (is_signed == NOTE_FORGED)
            return POLICY_FORGED;
        if (is_signed == NOTE_SIGNED)
            return POLICY_VALID;
    }
    return POLICY_STRANGER;
}

enum policy_verdict policy_check(const struct policy *p, const struct checkpoint *c,
                                 struct policy_seen *ret_seen)
{
    bool has[POLICY_NAMES_MAX] = {false};
    *ret_seen = (struct policy_seen){.first = 0};
    enum policy_verdict verdict = check_log(p, c);
    if (verdict != POLICY_VALID)
        return verdict;
    for (size_t i = 0; i < p->name_count; i++) {
        const struct policy_name *n = &p->names[i];
        size_t count = 0;
        for (size_t k = 0; k < n->member_count; k++)
            count += has[n->member[k]];
        if (n->is_group) {
            has[i] = count >= n->needed;
            continue;
        }
        int64_t at = 0;
        enum note_signed is_signed = note_check(c, &n->key, &at);
        if (is_signed == NOTE_FORGED)
            return POLICY_FORGED;
        if (is_signed != NOTE_SIGNED)
            continue;
        has[i] = true;
        ret_seen->times[i] = at;
        ret_seen->first = ret_seen->first == 0 || at < ret_seen->first ? at : ret_seen->first;
        ret_seen->last = at > ret_seen->last ? at : ret_seen->last;
    }
    return p->needs_none || has[p->quorum] ? POLICY_VALID : POLICY_WAITING;
}
