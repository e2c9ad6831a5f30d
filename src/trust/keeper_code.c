/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Codes: trust.md section 6. */
#include "base/mem.h"
#include "base/rng.h"
#include "lib/text/words.h"
#include "trust/keeper_inside.h"

#include <sched.h>
#include <string.h>

enum {
    RANDOM_DIGITS = 20,
    TAG_DIGITS = 4,
    STRETCH_OPS = 2,
    STRETCH_MEM_BYTES = 32 * 1024 * 1024,
    TYPED_BYTES_MAX = 512
};

void code_wipe(struct code *c)
{
    crypt_wipe(c, sizeof *c);
}

/* Uniform digits: bytes of 250 and more are thrown away. */
static enum err random_digits(char digits[RANDOM_DIGITS])
{
    size_t count = 0;
    while (count < RANDOM_DIGITS) {
        uint8_t bytes[2 * RANDOM_DIGITS];
        TRY(rng_bytes(bytes, sizeof bytes));
        for (size_t i = 0; i < sizeof bytes && count < RANDOM_DIGITS; i++)
            if (bytes[i] < 250)
                digits[count++] = (char)('0' + bytes[i] % 10);
        crypt_wipe(bytes, sizeof bytes);
    }
    return ERR_OK;
}

/* T = be64(first eight bytes of BLAKE2b-256(sub(K_receipt, "tag"), R)) mod 10^4. */
static void tag_of(const struct keeper *k, const char digits[RANDOM_DIGITS], char tag[TAG_DIGITS])
{
    CLEANUP(key32_wipe) struct key32 key;
    CLEANUP(key32_wipe) struct key32 out;
    struct mac m;
    crypt_sub(secret_bytes(k->k_receipt), STR("tag"), STR_NULL, &key);
    mac_init(&m, key.b, sizeof out.b);
    mac_add(&m, digits, RANDOM_DIGITS);
    mac_done(&m, out.b);
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++)
        v = v << 8 | out.b[i];
    v %= 10000;
    for (size_t i = TAG_DIGITS; i > 0; i--, v /= 10)
        tag[i - 1] = (char)('0' + v % 10);
}

/* lookup = BLAKE2b-256(sub(K_receipt, "look"), argon2id(R, first 16 of sub(K_receipt, "salt"))). */
static enum err lookup_of(struct keeper *k, const char digits[RANDOM_DIGITS],
                          uint8_t ret_lookup[32])
{
    CLEANUP(key32_wipe) struct key32 salt;
    CLEANUP(key32_wipe) struct key32 look;
    CLEANUP(key32_wipe) struct key32 x;
    crypt_sub(secret_bytes(k->k_receipt), STR("salt"), STR_NULL, &salt);
    crypt_sub(secret_bytes(k->k_receipt), STR("look"), STR_NULL, &look);
    TRY(crypt_stretch(str_make(digits, RANDOM_DIGITS), salt.b, STRETCH_OPS, STRETCH_MEM_BYTES, x.b,
                      sizeof x.b));
    struct mac m;
    mac_init(&m, look.b, 32);
    mac_add(&m, x.b, sizeof x.b);
    mac_done(&m, ret_lookup);
    return ERR_OK;
}

/* One at a time: bounds the memory, and is the throttle. */
static enum err lookup_slowly(struct keeper *k, const char digits[RANDOM_DIGITS],
                              uint8_t ret_lookup[32])
{
    (void)pthread_mutex_lock(&k->slow);
    enum err err = lookup_of(k, digits, ret_lookup);
    (void)pthread_mutex_unlock(&k->slow);
    return err;
}

typedef enum err lookup_fn(struct keeper *k, const char digits[RANDOM_DIGITS],
                           uint8_t ret_lookup[32]);

static enum err code_make(struct keeper *k, lookup_fn *lookup, struct code *ret_code)
{
    TRY(random_digits(ret_code->digits));
    tag_of(k, ret_code->digits, ret_code->digits + RANDOM_DIGITS);
    ret_code->digits[CODE_DIGITS] = '\0';
    return lookup(k, ret_code->digits, ret_code->lookup);
}

/* ---- the stock
 * ----------------------------------------------------------------------------------- */

static bool stock_add(struct keeper *k)
{
    CLEANUP(code_wipe) struct code c;
    if (code_make(k, lookup_of, &c) != ERR_OK)
        return false;
    (void)pthread_mutex_lock(&k->stock_lock);
    bool has_room = k->stock_count < k->stock_size;
    if (has_room)
        k->stock[k->stock_count++] = c;
    (void)pthread_mutex_unlock(&k->stock_lock);
    return has_room;
}

void keeper_stock_taken(struct keeper *k)
{
    (void)pthread_mutex_lock(&k->stock_lock);
    k->stock_taken++;
    (void)pthread_cond_signal(&k->stock_wake);
    (void)pthread_mutex_unlock(&k->stock_lock);
}

/* Boxes before codes, which take long. Runs only when the machine has nothing better to do;
 * therefore outside the lock of the slow hash, which people wait for. */
static void *stock_run(void *arg)
{
    struct keeper *k = arg;
    (void)pthread_setname_np(pthread_self(), "codes");
    (void)sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0});
    (void)pthread_mutex_lock(&k->stock_lock);
    while (!k->is_stopping) {
        const uint64_t seen = k->stock_taken;
        const bool is_missing = k->stock_count < k->stock_size;
        (void)pthread_mutex_unlock(&k->stock_lock);
        bool is_made = keeper_ready_fill(k) || (is_missing && stock_add(k));
        (void)pthread_mutex_lock(&k->stock_lock);
        while (!is_made && !k->is_stopping && k->stock_taken == seen) /* full, or no memory */
            (void)pthread_cond_wait(&k->stock_wake, &k->stock_lock);
    }
    (void)pthread_mutex_unlock(&k->stock_lock);
    return NULL;
}

enum err keeper_stock_start(struct keeper *k, size_t codes, size_t boxes, struct err_info *info)
{
    if (codes == 0 && boxes == 0)
        return ERR_OK;
    k->stock = codes == 0 ? NULL : locked_new(codes * sizeof *k->stock);
    if (k->stock == NULL && codes > 0)
        return err_set(info, ERR_NOMEM, NULL, "no locked memory for %zu codes", codes);
    k->stock_size = codes;
    k->ready_size = boxes;
    int rc = pthread_create(&k->stock_thread, NULL, stock_run, k);
    if (rc != 0)
        return err_set(info, ERR_NOMEM, NULL, "no thread for the codes (%d)", rc);
    k->has_stock_thread = true;
    return ERR_OK;
}

void keeper_stock_stop(struct keeper *k)
{
    (void)pthread_mutex_lock(&k->stock_lock);
    k->is_stopping = true;
    (void)pthread_cond_signal(&k->stock_wake);
    (void)pthread_mutex_unlock(&k->stock_lock);
    if (k->has_stock_thread)
        (void)pthread_join(k->stock_thread, NULL);
    k->has_stock_thread = false;
    locked_free(k->stock); /* wipes */
    k->stock = NULL;
    k->stock_count = 0;
    keeper_ready_free(k);
}

/* ---- the operations
 * -------------------------------------------------------------------------------- */

enum keeper_status keeper_code_new(struct keeper *k, struct code *ret_code)
{
    bool is_ready = false;
    (void)pthread_mutex_lock(&k->stock_lock);
    if (k->stock_count > 0) {
        struct code *last = &k->stock[--k->stock_count];
        *ret_code = *last;
        code_wipe(last);
        is_ready = true;
    }
    (void)pthread_mutex_unlock(&k->stock_lock);
    keeper_stock_taken(k);
    return is_ready ? KEEPER_OK : keeper_status_of(code_make(k, lookup_slowly, ret_code));
}

/* Exactly 24 digits of any script, as ASCII. */
static bool digits_of(struct str text, char ret_digits[CODE_DIGITS])
{
    if (text.len > TYPED_BYTES_MAX)
        return false;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, TYPED_BYTES_MAX);
    words_only_digits(text, &b);
    bool is_whole = buf_err(&b) == ERR_OK && b.len == CODE_DIGITS;
    if (is_whole)
        memcpy(ret_digits, b.ptr, CODE_DIGITS);
    if (b.ptr != NULL)
        crypt_wipe(b.ptr, b.len);
    return is_whole;
}

enum keeper_status keeper_code_find(struct keeper *k, struct str text, uint8_t ret_lookup[32])
{
    char digits[CODE_DIGITS];
    char tag[TAG_DIGITS];
    if (!digits_of(text, digits))
        return KEEPER_MALFORMED;
    tag_of(k, digits, tag);
    enum keeper_status status = KEEPER_MALFORMED;
    if (crypt_equal(tag, digits + RANDOM_DIGITS, TAG_DIGITS)) {
        bool has_room = atomic_fetch_add(&k->slow_waiting, 1) < CODE_WAIT_MAX;
        status = has_room ? keeper_status_of(lookup_slowly(k, digits, ret_lookup)) : KEEPER_RATE;
        (void)atomic_fetch_sub(&k->slow_waiting, 1);
    }
    crypt_wipe(digits, sizeof digits);
    return status;
}
