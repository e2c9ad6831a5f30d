/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The questions about one file each. */
#include "base/instant.h"
#include "base/mem.h"
#include "spine/receipt.h"
#include "verify/verify.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* A date may be of any place's day, and clocks of honest machines differ. */
#define DAY_SLACK_US (14 * US_PER_HOUR)
#define CLOCK_SLACK_US (24 * US_PER_HOUR)

static void say_event(const struct event_text *t)
{
    CLEANUP(buf_done) struct buf at;
    buf_init(&at, 64);
    if (t->date_only)
        day_format(t->day, &at);
    else
        instant_format(t->at_us, &at);
    verify_say("%4lld  " STR_FMT "  " STR_FMT "  " STR_FMT,
               "%4lld  " STR_FMT "  " STR_FMT "  " STR_FMT, (long long)t->seq,
               STR_ARG(buf_view(&at)), STR_ARG(t->type), STR_ARG(t->actor));
    for (size_t i = 0; i < t->attr_count; i++)
        verify_say("      " STR_FMT " " STR_FMT, "      " STR_FMT " " STR_FMT,
                   STR_ARG(t->attrs[i].key), STR_ARG(t->attrs[i].value));
}

/* The event of a receipt, proved under its own checkpoint. */
static enum answer receipt_open(const struct question *q, struct receipt **ret_receipt,
                                struct event_text *ret_event)
{
    struct str file;
    struct hash leaf;
    struct receipt *r = ARENA_NEW(q->arena, struct receipt);
    if (r == NULL || !verify_read(q->arena, q->file, &file))
        return ANSWER_USAGE;
    if (receipt_parse(file, r) != ERR_OK)
        return verify_fail("this is not a receipt", "这不是回执文件");
    if (!receipt_leaf(r, &leaf) || event_parse(receipt_text(r), ret_event, NULL) != ERR_OK)
        return verify_fail("its event is missing or not canonical", "所载事件缺失或格式不规范");
    if (!str_eq(ret_event->origin, r->head.origin))
        return verify_fail("its event is of another log", "所载事件属于另一日志");
    if (!receipt_is_included(r, &leaf))
        return verify_fail("its event is not in the signed log", "所载事件不在已签名的日志中");
    *ret_receipt = r;
    return ANSWER_VALID;
}

enum answer verify_receipt(const struct question *q)
{
    struct receipt *r = NULL;
    struct event_text event;
    struct policy_seen seen;
    struct policy *policy = ARENA_NEW(q->arena, struct policy);
    if (policy == NULL || !verify_policy(q, policy))
        return ANSWER_USAGE;
    enum answer answer = receipt_open(q, &r, &event);
    if (answer == ANSWER_VALID)
        answer = verify_signed(policy, &r->head, &seen);
    if (r == NULL || answer == ANSWER_INVALID || answer == ANSWER_USAGE)
        return answer;
    verify_say("Recorded as leaf %llu:", "记录为第 %llu 条：", (unsigned long long)r->index);
    say_event(&event);
    return answer;
}

enum answer verify_history(const struct question *q)
{
    struct str file;
    struct history h;
    struct policy_seen seen;
    const char *why = NULL;
    struct policy *policy = ARENA_NEW(q->arena, struct policy);
    if (policy == NULL || !verify_policy(q, policy) || !verify_read(q->arena, q->file, &file))
        return ANSWER_USAGE;
    if (history_parse(q->arena, file, &h, &why) != ERR_OK)
        return verify_fail(why, "文件格式不规范");
    why = history_fault(&h);
    if (why != NULL)
        return verify_fail(why, "事件之间不相衔接，或不在已签名的日志中");
    enum answer answer = verify_signed(policy, &h.last.head, &seen);
    if (answer == ANSWER_INVALID)
        return answer;
    for (size_t i = 0; i < h.count; i++) {
        if (h.events[i].is_open)
            say_event(&h.events[i].parsed);
        else
            verify_say("%4lld  (internal)", "%4lld  （内部记录）", (long long)h.events[i].seq);
    }
    return answer;
}

/* A salt as 32 bytes or as one line of base64. */
static bool salt_of(struct str text, uint8_t ret_salt[32])
{
    size_t len = 0;
    if (text.len != 32)
        return str_from_b64(str_trim(text), ret_salt, 32, &len) && len == 32;
    memcpy(ret_salt, text.ptr, 32);
    return true;
}

enum answer verify_body(const struct question *q)
{
    struct str content;
    struct str text;
    struct str salt_text;
    struct event_text event;
    struct hash body;
    uint8_t salt[32];
    if (!verify_read(q->arena, q->file, &content) || !verify_read(q->arena, q->event, &text) ||
        !verify_read(q->arena, q->salt, &salt_text))
        return ANSWER_USAGE;
    if (event_parse(text, &event, NULL) != ERR_OK || !event.has_body)
        return verify_fail("the event is not canonical or commits to no content",
                           "事件格式不规范，或未对内容作承诺");
    if (!salt_of(salt_text, salt))
        return verify_fail("the salt is not 32 bytes", "盐值不是 32 字节");
    event_body(salt, content, &body);
    if (memcmp(body.b, event.body.b, HASH_BYTES) != 0)
        return verify_fail("the content is not the one the event commits to",
                           "内容与事件所承诺的不一致");
    verify_say("The content is the one the event commits to.", "内容与事件所承诺的一致。");
    return ANSWER_VALID;
}

/* ---- time
 * ---------------------------------------------------------------------------------------- */

/* Between which cosignatures the leaf appeared. */
struct bounds {
    int64_t low;  /* latest time at which it was not there yet, seconds, 0 for none */
    int64_t high; /* earliest time at which it was there */
};

static void bounds_add(struct bounds *b, const struct policy *p, struct str text, uint64_t index)
{
    struct checkpoint c;
    struct policy_seen seen;
    if (note_parse(text, &c) != ERR_OK)
        return;
    enum policy_verdict verdict = policy_check(p, &c, &seen);
    if ((verdict != POLICY_VALID && verdict != POLICY_WAITING) || seen.first == 0)
        return;
    if (c.size <= index && seen.last > b->low)
        b->low = seen.last;
    if (c.size > index && (b->high == 0 || seen.first < b->high))
        b->high = seen.first;
}

static bool bounds_read(const struct question *q, const struct policy *p, uint64_t index,
                        struct bounds *b)
{
    DIR *d = q->checkpoints == NULL ? NULL : opendir(q->checkpoints);
    if (d == NULL) {
        verify_say("A folder of checkpoints is needed: --checkpoints DIR.",
                   "需要指定存放检查点的目录：--checkpoints 目录。");
        return false;
    }
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        CLEANUP(arena_done) struct arena a;
        struct str text;
        arena_init(&a, 16 << 20);
        const char *path = arena_printf(&a, "%s/%s", q->checkpoints, e->d_name);
        if (e->d_name[0] != '.' && path != NULL && verify_read(&a, path, &text))
            bounds_add(b, p, text, index);
    }
    (void)closedir(d);
    return true;
}

enum answer verify_time(const struct question *q)
{
    struct receipt *r = NULL;
    struct event_text event;
    struct policy_seen seen;
    struct bounds b = {0, 0};
    struct policy *policy = ARENA_NEW(q->arena, struct policy);
    if (policy == NULL || !verify_policy(q, policy))
        return ANSWER_USAGE;
    enum answer answer = receipt_open(q, &r, &event);
    if (answer == ANSWER_VALID)
        answer = verify_signed(policy, &r->head, &seen);
    if (r == NULL || answer == ANSWER_INVALID || answer == ANSWER_USAGE)
        return answer;
    bounds_add(&b, policy, r->note, r->index);
    if (!bounds_read(q, policy, r->index, &b))
        return ANSWER_USAGE;
    int64_t earliest = event.at_us - (event.date_only ? DAY_SLACK_US : 0);
    int64_t latest = event.at_us + (event.date_only ? US_PER_DAY + DAY_SLACK_US : 0);
    if (b.low > 0 && latest < b.low * US_PER_SECOND - CLOCK_SLACK_US)
        return verify_fail("it was back-dated: witnesses had seen the log without it later than "
                           "the time it claims",
                           "时间被倒填：在其声称的时间之后，见证方所见日志中仍没有这一条");
    if (b.high > 0 && earliest > b.high * US_PER_SECOND + CLOCK_SLACK_US)
        return verify_fail("it claims a time after witnesses had already seen it",
                           "声称的时间晚于见证方已见到它的时间");
    if (b.low == 0 || b.high == 0) {
        verify_say("Nothing speaks against the time, but cosigned checkpoints on both sides of it "
                   "are missing.",
                   "没有与该时间相矛盾之处，但尚缺其前后两侧的见证检查点。");
        return ANSWER_WAITING;
    }
    verify_say("The time agrees with the witnesses' clocks.", "时间与见证方的时钟相符。");
    return answer;
}
