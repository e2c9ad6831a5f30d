/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/event.h"

#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

/* What is taken has one spelling, and every attribute is found. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    struct event_text e;
    struct event_text loose;
    struct str text = str_make(bytes, len);
    struct err_info info;
    bool is_understood = event_understand(text, &loose, &info) == ERR_OK;
    if (event_parse(text, &e, &info) != ERR_OK)
        return 0;
    must(is_understood && loose.seq == e.seq && loose.at_us == e.at_us);
    CLEANUP(buf_done) struct buf again;
    buf_init(&again, 2 * EVENT_TEXT_BYTES_MAX);
    must(event_format(&e, &again, &info) == ERR_OK && str_eq(buf_view(&again), text));
    for (size_t i = 0; i < e.attr_count; i++)
        must(event_attr(&e, e.attrs[i].key).len > 0);
    must(e.seq >= 1 && e.has_prev == (e.seq > 1));
    return 0;
}
