/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/receipt.h"

#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

static void check_receipt(struct str file)
{
    struct receipt r;
    struct hash leaf;
    if (receipt_parse(file, &r) != ERR_OK)
        return;
    CLEANUP(buf_done) struct buf again;
    buf_init(&again, 2 * RECEIPT_BYTES_MAX);
    receipt_format(&r, &again);
    must(buf_err(&again) == ERR_OK && str_eq(buf_view(&again), file));
    must(receipt_leaf(&r, &leaf) == r.has_event);
    if (r.has_event && receipt_is_included(&r, &leaf))
        must(r.index < r.head.size);
}

static void check_history(struct str file)
{
    CLEANUP(arena_done) struct arena a;
    struct history h;
    const char *why = NULL;
    arena_init(&a, 64 << 20);
    if (history_parse(&a, file, &h, &why) != ERR_OK) {
        must(why != NULL);
        return;
    }
    must(h.count <= HISTORY_EVENTS_MAX);
    const char *fault = history_fault(&h);
    for (size_t i = 0; i < h.count; i++) {
        const struct history_event *e = &h.events[i];
        CLEANUP(buf_done) struct buf again;
        buf_init(&again, 2 * EVENT_TEXT_BYTES_MAX);
        if (e->is_open)
            must(event_format(&e->parsed, &again, NULL) == ERR_OK &&
                 str_eq(buf_view(&again), e->text));
        if (fault == NULL)
            must(e->seq == (int64_t)i + 1 && (!e->is_open || e->parsed.seq == e->seq));
    }
    if (fault == NULL)
        must(h.count > 0 && h.last.index < h.last.head.size);
}

/* A receipt has one spelling; a history without fault runs without a gap into its proof. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    check_receipt(str_make(bytes, len));
    check_history(str_make(bytes, len));
    return 0;
}
