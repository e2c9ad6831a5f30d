/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "verify/verify.h"

#include "base/instant.h"
#include "base/mem.h"
#include "verify/tool.h"

enum { FILE_BYTES_MAX = 8 << 20 };

void verify_say(const char *english, const char *chinese, ...)
{
    va_list args;
    va_start(args, chinese);
    tool_say(stdout, english, chinese, args);
    va_end(args);
}

enum answer verify_fail(const char *english, const char *chinese)
{
    verify_say("INVALID: %s.", "无效：%s。", tool_word(english, chinese));
    return ANSWER_INVALID;
}

bool verify_read(struct arena *a, const char *path, struct str *ret_text)
{
    bool is_good = tool_read(a, path, FILE_BYTES_MAX, ret_text);
    if (!is_good)
        verify_say("%s cannot be read, or is too long.", "%s 无法读取，或过长。",
                   path == NULL ? "-" : path);
    return is_good;
}

bool verify_policy(const struct question *q, struct policy *ret_policy)
{
    struct str text;
    int32_t line = 0;
    if (q->policy == NULL) {
        verify_say("A policy is needed: --policy FILE.", "需要指定信任策略：--policy 文件。");
        return false;
    }
    if (!verify_read(q->arena, q->policy, &text))
        return false;
    if (policy_parse(text, ret_policy, &line) == ERR_OK)
        return true;
    verify_say("The policy %s is not well formed (line %d).", "信任策略 %s 有误（第 %d 行）。",
               q->policy, (int)line);
    return false;
}

static void say_cosigned(struct str name, int64_t at)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 64);
    instant_format(at * US_PER_SECOND, &b);
    verify_say("Cosigned by " STR_FMT " at " STR_FMT ".", "由 " STR_FMT " 于 " STR_FMT " 见证。",
               STR_ARG(name), STR_ARG(buf_view(&b)));
}

enum answer verify_signed(const struct policy *p, const struct checkpoint *c,
                          struct policy_seen *ret_seen)
{
    enum policy_verdict verdict = policy_check(p, c, ret_seen);
    if (verdict == POLICY_FORGED)
        return verify_fail("a signature is wrong", "签名不正确");
    if (verdict != POLICY_VALID && verdict != POLICY_WAITING)
        return verify_fail("no log of the policy signed this", "并非由策略所列的日志签名");
    verify_say("Signed by the log " STR_FMT " at %llu leaves.",
               "由日志 " STR_FMT " 签名，共 %llu 条。", STR_ARG(c->origin),
               (unsigned long long)c->size);
    for (size_t i = 0; i < p->name_count; i++)
        if (ret_seen->times[i] != 0)
            say_cosigned(p->names[i].name, ret_seen->times[i]);
    if (verdict == POLICY_VALID)
        return ANSWER_VALID;
    verify_say("Valid, but the witnesses the policy asks for have not cosigned it yet.",
               "有效，但尚缺策略所要求的见证签名。");
    return ANSWER_WAITING;
}
