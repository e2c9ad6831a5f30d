/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The corpus, and changes made to it at random, are read in one piece and byte by byte: both must
 * give the same rows. HUIYIN_SEED chooses other changes. */
#include "tests/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "lib/csv/csv.h"

#include <dirent.h>

static const char *corpus_dir = "tests/lib/csv/corpus";

/* Rows as text: "line:column|field|field…" and the fault, so that two readings compare. */
static void put_row(const struct csv_row *row, struct buf *out)
{
    buf_printf(out, "%lld f%d@%lld:%lld", (long long)row->line, (int)row->fault,
               (long long)row->fault_line, (long long)row->fault_column);
    for (size_t i = 0; i < row->count; i++) {
        buf_printf(out, "|%lld:%lld:", (long long)row->fields[i].line,
                   (long long)row->fields[i].column);
        buf_str(out, row->fields[i].text);
    }
    buf_printf(out, "#%llu\n", (unsigned long long)row->end_byte);
}

static void read_all(struct str text, size_t piece, struct buf *out)
{
    CLEANUP(csv_close) struct csv_reader *r = NULL;
    assert_int_equal(csv_open(0, &r), ERR_OK);
    buf_clear(out);
    for (size_t at = 0, more = 1; more;) {
        struct str part = str_sub(text, at, piece);
        at += part.len;
        more = at < text.len;
        assert_int_equal(csv_feed(r, part, !more), ERR_OK);
        struct csv_row row;
        while (csv_next(r, &row))
            put_row(&row, out);
    }
    assert_int_equal(csv_feed(r, STR("x"), true), ERR_INVALID);
    assert_int_equal(buf_err(out), ERR_OK);
}

static void check_rows(const char *text, const char *want)
{
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, 1 << 24);
    read_all(str_of(text), SIZE_MAX / 2, &out);
    check_str(buf_view(&out), want);
}

static void rows_and_fields_are_read_with_their_places(void **state)
{
    (void)state;
    check_rows("a,b\r\n1,\"x\ny\"\"z\"\r\n3,4",
               "1 f0@0:0|1:1:a|1:3:b#5\n2 f0@0:0|2:1:1|2:3:x\ny\"z#17\n4 f0@0:0|4:1:3|4:3:4#20\n");
    check_rows("编号,内容\n1,\"好\"\n",
               "1 f0@0:0|1:1:编号|1:4:内容#14\n2 f0@0:0|2:1:1|2:3:好#22\n");
    check_rows("\xEF\xBB\xBF\"a\";b\n1;2\n", "1 f0@0:0|1:1:a|1:5:b#9\n2 f0@0:0|2:1:1|2:3:2#13\n");
    check_rows("a\tb\r1\t2\r", "1 f0@0:0|1:1:a|1:3:b#4\n2 f0@0:0|2:1:1|2:3:2#8\n");
    check_rows("\n\r\n", "");
    check_rows("", "");
}

static void a_bad_row_is_named_with_line_and_column_and_costs_one_row(void **state)
{
    (void)state;
    check_rows("a,b\n1,5\" pipe\n2,3\n", "1 f0@0:0|1:1:a|1:3:b#4\n"
                                         "2 f1@2:4|2:1:1|2:3:5\" pipe#14\n"
                                         "3 f0@0:0|3:1:2|3:3:3#18\n");
    check_rows("a,b\n1,\"x\"y\n2,3\n", "1 f0@0:0|1:1:a|1:3:b#4\n"
                                       "2 f2@2:6|2:1:1|2:3:x#11\n"
                                       "3 f0@0:0|3:1:2|3:3:3#15\n");
    check_rows("a,b\n1,\"x\n2,3\n", "1 f0@0:0|1:1:a|1:3:b#4\n"
                                    "2 f3@2:3|2:1:1|2:3:#9\n"
                                    "3 f0@0:0|3:1:2|3:3:3#13\n");
    check_rows("a,b\n1,\xFF\n", "1 f0@0:0|1:1:a|1:3:b#4\n2 f6@2:3|2:1:1|2:3:\xFF#8\n");
}

static void every_fault_has_a_sentence(void **state)
{
    (void)state;
    assert_null(csv_fault_key(CSV_FINE));
    for (enum csv_fault f = CSV_STRAY_QUOTE; f < CSV_FAULT_COUNT; f++)
        assert_non_null(csv_fault_key(f));
}

static void bounds_are_kept(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, 64 << 20);
    buf_c(&text, "a,b\n1,");
    for (int i = 0; i < CSV_FIELD_BYTES_MAX + 1; i++)
        buf_char(&text, 'x');
    buf_c(&text, "\n2,3\n");
    /* a row without end, longer than is ever kept */
    for (int i = 0; i < 3 * CSV_QUOTED_BYTES_MAX; i++)
        buf_char(&text, 'y');
    buf_c(&text, "\n4,5\n\"");
    for (int i = 0; i < CSV_QUOTED_BYTES_MAX + 70000; i++)
        buf_char(&text, i % 100 == 99 ? '\n' : 'z');
    CLEANUP(csv_close) struct csv_reader *r = NULL;
    assert_int_equal(csv_open(0, &r), ERR_OK);
    enum csv_fault faults[6];
    int64_t lines[6];
    size_t rows = 0;
    for (size_t at = 0; at < text.len; at += 65536) {
        struct str piece = str_sub(buf_view(&text), at, 65536);
        assert_int_equal(csv_feed(r, piece, at + 65536 >= text.len), ERR_OK);
        struct csv_row row;
        while (csv_next(r, &row)) {
            if (rows < 6) {
                faults[rows] = row.fault;
                lines[rows] = row.line;
            }
            rows++;
            assert_true(row.raw.len <= 2 * CSV_FIELD_BYTES_MAX);
        }
    }
    const enum csv_fault want[6] = {CSV_FINE,     CSV_TOO_LONG, CSV_FINE,
                                    CSV_TOO_LONG, CSV_FINE,     CSV_OPEN_QUOTE};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(faults[i], want[i]);
        assert_int_equal(lines[i], (int64_t)i + 1);
    }
    assert_true(rows > 40000);
}

static void what_a_spreadsheet_would_run_is_made_text(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, 4096);
    static const char *const fields[] = {
        "=1+1", "+cmd|' /C calc'!A0", "-12.5", "+86 10", "@SUM(A1)", "\tx",   "＝1", "plain",
        "a,b",  "say \"no\"",         "-",     "",       " pad ",    "两\n行"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        csv_put(&out, str_of(fields[i]), i == 0);
    csv_end(&out);
    check_str(buf_view(&out),
              "'=1+1,'+cmd|' /C calc'!A0,-12.5,'+86 10,'@SUM(A1),\"'\tx\",'＝1,plain,\"a,b\","
              "\"say \"\"no\"\"\",'-,,\" pad \",\"两\n行\"\r\n");
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf out;
    CLEANUP(buf_done) struct buf field;
    CLEANUP(buf_done) struct buf all;
    buf_init(&out, 1 << 20);
    buf_init(&field, 4096);
    buf_init(&all, 1 << 20);
    struct rng rng;
    rng_seed(&rng, 7);
    static const char *const bits[] = {"a", "\"", ",", "\n", "\r\n", "水", " ", ";", "0"};
    for (int round = 0; round < 500; round++) {
        buf_clear(&out);
        buf_clear(&all);
        size_t count = 1 + rng_below(&rng, 6);
        buf_c(&all, "x");
        csv_put(&out, STR("x"), true);
        for (size_t i = 0; i < count; i++) {
            buf_clear(&field);
            for (size_t k = rng_below(&rng, 8); k > 0; k--)
                buf_c(&field, bits[rng_below(&rng, sizeof bits / sizeof *bits)]);
            csv_put(&out, buf_view(&field), false);
            buf_char(&all, '|');
            buf_str(&all, field.len > 0 && (field.ptr[0] == '\n' || field.ptr[0] == '\r')
                              ? STR("'")
                              : STR(""));
            buf_str(&all, buf_view(&field));
        }
        csv_end(&out);
        CLEANUP(csv_close) struct csv_reader *r = NULL;
        assert_int_equal(csv_open(',', &r), ERR_OK);
        assert_int_equal(csv_feed(r, buf_view(&out), true), ERR_OK);
        struct csv_row row;
        assert_true(csv_next(r, &row));
        assert_int_equal(row.fault, CSV_FINE);
        buf_clear(&out);
        for (size_t i = 0; i < row.count; i++) {
            buf_str(&out, i > 0 ? STR("|") : STR(""));
            buf_str(&out, row.fields[i].text);
        }
        if (!str_eq(buf_view(&out), buf_view(&all)))
            fail_msg("round %d: wrote " STR_FMT " read " STR_FMT, round, STR_ARG(buf_view(&all)),
                     STR_ARG(buf_view(&out)));
    }
}

/* ---- the corpus --------------------------------------------------------------------------------
 */

static void read_file(const char *path, struct buf *out)
{
    buf_clear(out);
    FILE *f = fopen(path, "rbe");
    assert_non_null(f);
    char piece[4096];
    for (size_t n = fread(piece, 1, sizeof piece, f); n > 0; n = fread(piece, 1, sizeof piece, f))
        buf_bytes(out, piece, n);
    (void)fclose(f);
}

static void check_same_in_pieces(struct str text, const char *what)
{
    CLEANUP(buf_done) struct buf whole;
    CLEANUP(buf_done) struct buf pieces;
    buf_init(&whole, 1 << 24);
    buf_init(&pieces, 1 << 24);
    read_all(text, SIZE_MAX / 2, &whole);
    for (size_t piece = 1; piece < 8; piece += 2) {
        read_all(text, piece, &pieces);
        if (!str_eq(buf_view(&whole), buf_view(&pieces)))
            fail_msg("%s differs in pieces of %zu:\n" STR_FMT "---\n" STR_FMT, what, piece,
                     STR_ARG(buf_view(&whole)), STR_ARG(buf_view(&pieces)));
    }
}

static void change(struct rng *rng, struct buf *text)
{
    static const char hostile[] = "\",\n\r;\t\0\xFF\xE7=";
    for (size_t k = 1 + rng_below(rng, 4); k > 0 && text->len > 0; k--) {
        size_t at = rng_below(rng, text->len);
        text->ptr[at] = hostile[rng_below(rng, sizeof hostile - 1)];
        if (rng_below(rng, 4) == 0)
            text->len = at + 1;
    }
}

static void the_corpus_reads_the_same_in_any_pieces(void **state)
{
    (void)state;
    const char *given = getenv("HUIYIN_SEED");
    int64_t seed = 1;
    if (given != NULL)
        assert_true(str_to_i64(str_of(given), 0, INT64_MAX, &seed));
    struct rng rng;
    rng_seed(&rng, (uint64_t)seed);
    DIR *dir = opendir(corpus_dir);
    assert_non_null(dir);
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, 1 << 20);
    size_t files = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (e->d_name[0] == '.')
            continue;
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", corpus_dir, e->d_name);
        read_file(path, &text);
        check_same_in_pieces(buf_view(&text), e->d_name);
        for (int i = 0; i < 25; i++) {
            read_file(path, &text);
            change(&rng, &text);
            check_same_in_pieces(buf_view(&text), e->d_name);
        }
        files++;
    }
    closedir(dir);
    assert_true(files >= 15);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(rows_and_fields_are_read_with_their_places),
    cmocka_unit_test(a_bad_row_is_named_with_line_and_column_and_costs_one_row),
    cmocka_unit_test(every_fault_has_a_sentence),
    cmocka_unit_test(bounds_are_kept),
    cmocka_unit_test(what_a_spreadsheet_would_run_is_made_text),
    cmocka_unit_test(what_is_written_is_read_back),
    cmocka_unit_test(the_corpus_reads_the_same_in_any_pieces),
};

int main(int argc, char **argv)
{
    if (argc > 1)
        corpus_dir = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
