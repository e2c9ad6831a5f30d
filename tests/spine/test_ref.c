/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "spine/ref.h"

#include <string.h>

static const uint8_t KEY[KEY_BYTES] = {3, 1, 4, 1, 5, 9, 2, 6};

/* Every value of the permutation is below 2^35 and leads back; no two inputs meet. */
static void test_the_permutation_is_a_bijection_on_samples(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, 7);
    for (int i = 0; i < 20000; i++) {
        uint64_t v = i < 10000 ? (uint64_t)i : rng_below(&r, UINT64_C(1) << 35);
        uint64_t p = ref_permute(KEY, v);
        assert_true(p < UINT64_C(1) << 35);
        assert_true(ref_unpermute(KEY, p) == v);
        assert_true(ref_permute(KEY, ref_unpermute(KEY, v)) == v);
    }
    /* the ends of the range */
    const uint64_t last = (UINT64_C(1) << 35) - 1;
    assert_true(ref_unpermute(KEY, ref_permute(KEY, 0)) == 0);
    assert_true(ref_unpermute(KEY, ref_permute(KEY, last)) == last);
}

static int by_text(const void *a, const void *b)
{
    return memcmp(a, b, REF_BYTES);
}

static void test_references_of_many_ids_differ_and_lead_back(void **state)
{
    (void)state;
    enum { N = 20000 };
    static char texts[N][REF_BYTES + 1];
    for (int64_t i = 0; i < N; i++) {
        ref_format(KEY, (struct dossier_id){i + 1}, texts[i]);
        struct dossier_id back = {0};
        assert_true(ref_parse(KEY, str_of(texts[i]), &back));
        assert_true(back.v == i + 1);
        assert_int_equal(strlen(texts[i]), REF_BYTES);
        assert_int_equal(texts[i][4], '-');
    }
    qsort(texts, N, sizeof texts[0], by_text);
    for (size_t i = 1; i < N; i++)
        assert_true(memcmp(texts[i - 1], texts[i], REF_BYTES) != 0);
}

/* Made once with this key; they never change, for they stand on paper. */
static void test_references_stay_what_they_were(void **state)
{
    (void)state;
    char text[REF_BYTES + 1];
    ref_format(KEY, (struct dossier_id){1}, text);
    check_str(str_of(text), "93MT-A4X1");
    ref_format(KEY, (struct dossier_id){1000000}, text);
    check_str(str_of(text), "JXTK-MNXC");
    struct id16 id;
    ref_id16(KEY, (struct dossier_id){1}, &id);
    static const uint8_t WANT[ID16_BYTES] = {0xac, 0x13, 0xc0, 0x7f, 0x98, 0x9e, 0x68, 0x36,
                                             0x63, 0xb2, 0x73, 0x03, 0xea, 0xc1, 0x1c, 0x01};
    assert_memory_equal(id.b, WANT, ID16_BYTES);
    ref_id16(KEY, (struct dossier_id){0}, &id);
    static const uint8_t ZERO[ID16_BYTES];
    assert_memory_equal(id.b, ZERO, ID16_BYTES);
}

static void test_one_wrong_letter_or_two_swapped_are_noticed(void **state)
{
    (void)state;
    static const char LETTERS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    struct rng r;
    rng_seed(&r, 11);
    for (int round = 0; round < 50; round++) {
        char text[REF_BYTES + 1];
        struct dossier_id id = {(int64_t)rng_below(&r, 1 << 30) + 1};
        ref_format(KEY, id, text);
        for (size_t i = 0; i < REF_BYTES; i++) {
            if (text[i] == '-')
                continue;
            char was = text[i];
            for (size_t k = 0; k < 32; k++) {
                text[i] = LETTERS[k];
                assert_true(ref_parse(KEY, str_of(text), &id) == (LETTERS[k] == was));
            }
            text[i] = was;
            for (size_t j = i + 1; j < REF_BYTES; j++) {
                if (text[j] == '-' || text[j] == text[i])
                    continue;
                text[i] = text[j];
                text[j] = was;
                assert_false(ref_parse(KEY, str_of(text), &id));
                text[j] = text[i];
                text[i] = was;
            }
        }
    }
}

static void test_typing_is_forgiven_where_it_is_clear(void **state)
{
    (void)state;
    /* find an id whose reference holds both a 0 and a 1 */
    char text[REF_BYTES + 1];
    int64_t v = 0;
    do {
        ref_format(KEY, (struct dossier_id){++v}, text);
    } while (strchr(text, '0') == NULL || strchr(text, '1') == NULL);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    buf_c(&b, "\xE3\x80\x80 "); /* ideographic blank */
    for (size_t i = 0; i < REF_BYTES; i++) {
        char c = text[i];
        if (c == '-')
            buf_c(&b, " \xE2\x80\x94"); /* em dash */
        else if (c == '0')
            buf_char(&b, 'o');
        else if (c == '1')
            buf_char(&b, i % 2 == 0 ? 'l' : 'I');
        else if (c >= 'A')
            buf_char(&b, (char)(c + ('a' - 'A')));
        else { /* full-width digit */
            buf_c(&b, "\xEF\xBC");
            buf_char(&b, (char)(0x90 + (c - '0')));
        }
    }
    struct dossier_id id = {0};
    assert_true(ref_parse(KEY, buf_view(&b), &id));
    assert_true(id.v == v);
    static const char *const GAPS[] = {"\t",           "\xC2\xA0",     "\xC2\xAD",
                                       "\xE2\x80\x90", "\xE2\x80\x95", "\xE2\x88\x92",
                                       "\xEF\xB9\xA3", "\xEF\xBC\x8D"};
    for (size_t i = 0; i < sizeof GAPS / sizeof *GAPS; i++) {
        buf_clear(&b);
        buf_printf(&b, "%.4s%s%s", text, GAPS[i], text + 5);
        assert_true(ref_parse(KEY, buf_view(&b), &id) && id.v == v);
    }
    static const char *const BAD[] = {"",
                                      "K7Q2",
                                      "K7Q2-9F4M-1",
                                      "K7Q2-9F4U",
                                      "K7Q2_9F4M",
                                      "\xFF",
                                      "0000-0000\xEF\xBD\x9F",
                                      "K7Q2\xE2\x80\x96\x39"
                                      "F4M"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(ref_parse(KEY, str_of(BAD[i]), &id));
}

static void test_another_key_gives_other_names(void **state)
{
    (void)state;
    static const uint8_t OTHER[KEY_BYTES] = {2};
    char a[REF_BYTES + 1];
    char b[REF_BYTES + 1];
    ref_format(KEY, (struct dossier_id){5}, a);
    ref_format(OTHER, (struct dossier_id){5}, b);
    assert_string_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_permutation_is_a_bijection_on_samples),
        cmocka_unit_test(test_references_of_many_ids_differ_and_lead_back),
        cmocka_unit_test(test_references_stay_what_they_were),
        cmocka_unit_test(test_one_wrong_letter_or_two_swapped_are_noticed),
        cmocka_unit_test(test_typing_is_forgiven_where_it_is_clear),
        cmocka_unit_test(test_another_key_gives_other_names),
    };
    if (crypt_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
