/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reach/import_row.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "http/form.h"
#include "lib/text/msg.h"
#include "lib/text/zone.h"
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

static const struct pack_kind KINDS[] = {{.id = STR_INIT("complaint")}, {.id = STR_INIT("help")}};
static const struct pack PACK = {.kind = KINDS, .kind_count = 2};

/* A map is read from a file; this one is in memory. */
static enum err load_map(struct arena *a, struct str text, struct import_faults *faults,
                         const struct import_map **ret_map)
{
    struct err_info info = {0};
    char path[64];
    int fd = memfd_create("map", MFD_CLOEXEC);
    must(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    enum err err = import_map_load(a, path, faults, &info, ret_map);
    must(close(fd) == 0);
    return err;
}

static void must_be_clean(struct str s, bool lines)
{
    must(utf8_scan(s, lines, NULL) == UTF8_CLEAN && !form_has_identity_number(s));
}

static void check_row(const struct import_map *map, const struct import_head *head,
                      const struct csv_row *row, struct arena *a)
{
    const struct import_house house = {
        .pack = &PACK, .zone = zone_utc(), .lang = STR("en"), .now_us = INT64_C(1772000000000000)};
    struct import_item item;
    struct err_info why = {0};
    size_t column = 0;
    enum err err = import_row_read(map, head, row, &house, a, &item, &why, &column);
    must(err == ERR_OK || err == ERR_NOMEM || (err == ERR_INVALID && why.key[0] != '\0'));
    must(column == SIZE_MAX || column < head->count);
    if (err != ERR_OK)
        return;
    const struct matter_body *b = &item.body;
    must(b->title.len > 0 && utf8_count(b->title) <= IMPORT_TITLE_CHARS_MAX && b->text.len > 0);
    must_be_clean(b->title, false);
    must_be_clean(b->text, true);
    must_be_clean(b->place, false);
    must_be_clean(b->found, true);
    must_be_clean(b->wish, true);
    must(b->received_day != 0 && b->channel != CHANNEL_NONE && str_eq_c(b->source, "import"));
    must(b->found.len == 0 || b->day >= b->received_day);
}

static void read_rows(const struct import_map *map, struct str text, struct arena *a,
                      struct import_faults *faults)
{
    CLEANUP(csv_close) struct csv_reader *r = NULL;
    struct import_head head;
    struct csv_row row;
    must(csv_open(map->separator, &r) == ERR_OK && csv_feed(r, text, true) == ERR_OK);
    if (!csv_next(r, &row) || import_head_bind(map, &row, faults, &head) != ERR_OK)
        return;
    while (csv_next(r, &row))
        check_row(map, &head, &row, a);
}

/* A map and a file: a row is refused with a reason, or is a matter that a form would let in. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    CLEANUP(arena_done) struct arena a;
    struct str rest = str_make(bytes, len);
    struct str text = fuzz_cut(&rest);
    struct import_faults faults = {.count = 0};
    const struct import_map *map = NULL;
    arena_init(&a, 16 << 20);
    enum err err = load_map(&a, text, &faults, &map);
    must((err == ERR_OK) == (map != NULL && faults.count == 0));
    must(err != ERR_INVALID || faults.count > 0);
    for (size_t i = 0; i < faults.count; i++)
        must(msg_key_find(str_of(faults.fault[i].why.key)) != MSG_NONE);
    if (err == ERR_OK)
        read_rows(map, rest, &a, &faults);
    return 0;
}
