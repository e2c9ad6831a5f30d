/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "people/account.h"

#include "base/mem.h"
#include "base/rng.h"
#include "db/writer.h"
#include "lib/text/words.h"
#include "people/people.sql.h"
#include "people/throttle.h"
#include "spine/house.h"

#include <pthread.h>

enum { PASS_OPS = 3, PASS_MEM_BYTES = 64 * 1024 * 1024, RECOVERY_CHARS = 10, HASH16_BYTES = 16 };

/* ---- keyed names ---------------------------------------------------------------------------- */

/* BLAKE2b of `len` bytes under sub(KEK, label): officer id, then text. */
static void keyed(const struct house *h, struct str label, struct officer_id officer,
                  struct str text, size_t len, uint8_t *ret_bytes)
{
    CLEANUP(key32_wipe) struct key32 key;
    struct mac m;
    crypt_sub(h->kek, label, STR(""), &key);
    mac_init(&m, key.b, len);
    mac_be64(&m, (uint64_t)officer.v);
    mac_str(&m, text);
    mac_done(&m, ret_bytes);
}

static struct str seed_aad(struct officer_id officer, unsigned char room[8])
{
    for (size_t i = 0; i < 8; i++)
        room[i] = (unsigned char)((uint64_t)officer.v >> (56 - 8 * i));
    return str_make(room, 8);
}

enum err account_seal_seed(const struct house *h, struct officer_id officer,
                           const unsigned char seed[TOTP_SEED_BYTES],
                           unsigned char ret_sealed[SEALED_SEED_BYTES])
{
    CLEANUP(key32_wipe) struct key32 key;
    unsigned char room[8];
    crypt_sub(h->kek, STR("totp"), STR(""), &key);
    TRY(rng_bytes(ret_sealed, AEAD_NONCE_BYTES));
    crypt_aead_seal(key.b, ret_sealed, seed_aad(officer, room), str_make(seed, TOTP_SEED_BYTES),
                    ret_sealed + AEAD_NONCE_BYTES);
    return ERR_OK;
}

bool account_open_seed(const struct house *h, struct officer_id officer, struct str sealed,
                       unsigned char ret_seed[TOTP_SEED_BYTES])
{
    CLEANUP(key32_wipe) struct key32 key;
    unsigned char room[8];
    if (sealed.len != SEALED_SEED_BYTES)
        return false;
    crypt_sub(h->kek, STR("totp"), STR(""), &key);
    return crypt_aead_open(key.b, (const uint8_t *)sealed.ptr, seed_aad(officer, room),
                           str_sub(sealed, AEAD_NONCE_BYTES, sealed.len), ret_seed);
}

void account_invite_seed(const struct house *h, struct str invite,
                         unsigned char ret_seed[TOTP_SEED_BYTES])
{
    keyed(h, STR("totp-invite"), (struct officer_id){0}, invite, TOTP_SEED_BYTES, ret_seed);
}

/* ---- recovery codes ------------------------------------------------------------------------- */

static void recovery_hash(const struct house *h, struct officer_id officer, struct str code,
                          struct buf *b)
{
    uint8_t hash[HASH16_BYTES];
    keyed(h, STR("recovery"), officer, code, sizeof hash, hash);
    buf_hex(b, hash, sizeof hash);
}

enum err account_recovery_make(const struct house *h, struct officer_id officer, struct arena *a,
                               char ret_codes[PEOPLE_RECOVERY_CODES][PEOPLE_RECOVERY_BYTES],
                               struct str *ret_hashes)
{
    static const char LETTERS[] = "0123456789abcdefghjkmnpqrstvwxyz";
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < PEOPLE_RECOVERY_CODES; i++) {
        unsigned char bytes[RECOVERY_CHARS];
        char plain[RECOVERY_CHARS];
        TRY(rng_bytes(bytes, sizeof bytes));
        for (size_t k = 0; k < RECOVERY_CHARS; k++)
            plain[k] = LETTERS[bytes[k] % 32];
        (void)snprintf(ret_codes[i], PEOPLE_RECOVERY_BYTES, "%.5s-%.5s", plain, plain + 5);
        recovery_hash(h, officer, str_make(plain, sizeof plain), &b);
        buf_char(&b, '\n');
    }
    TRY(buf_err(&b));
    *ret_hashes = str_copy(a, buf_view(&b));
    return str_is_null(*ret_hashes) ? ERR_NOMEM : ERR_OK;
}

/* Small letters and digits without dashes; O is 0, I and L are 1. False when it is no code. */
static bool tidy_recovery(struct str typed, char ret_code[RECOVERY_CHARS])
{
    size_t n = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c == '-' || c == ' ')
            continue;
        c = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
        bool known = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
        if (!known || n == RECOVERY_CHARS)
            return false;
        ret_code[n++] = c;
    }
    return n == RECOVERY_CHARS;
}

/* What is left of the stored hashes without that of `code`; false when it is not among them. */
static bool take_recovery(const struct house *h, struct arena *a, struct officer_id officer,
                          struct str code, struct str stored, struct str *ret_left)
{
    CLEANUP(buf_done) struct buf want;
    buf_init(&want, 64);
    recovery_hash(h, officer, code, &want);
    buf_char(&want, '\n');
    size_t line = want.len;
    for (size_t at = 0; line > 1 && at + line <= stored.len; at += line) {
        if (!crypt_equal(stored.ptr + at, want.ptr, line))
            continue;
        char *left = arena_alloc(a, stored.len + 1);
        if (left == NULL)
            return false;
        memcpy(left, stored.ptr, at);
        memcpy(left + at, stored.ptr + at + line, stored.len - at - line);
        *ret_left = str_make(left, stored.len - line);
        return true;
    }
    return false;
}

/* ---- devices -------------------------------------------------------------------------------- */

static void device_mac(const struct house *h, struct str login, const unsigned char *id,
                       uint8_t ret_mac[HASH16_BYTES])
{
    CLEANUP(key32_wipe) struct key32 key;
    struct mac m;
    crypt_sub(h->kek, STR("device"), STR(""), &key);
    mac_init(&m, key.b, HASH16_BYTES);
    mac_add(&m, id, DEVICE_BYTES);
    mac_str(&m, login);
    mac_done(&m, ret_mac);
}

enum err account_device_make(const struct house *h, struct str login,
                             char ret_text[DEVICE_TEXT_BYTES])
{
    unsigned char bytes[DEVICE_BYTES + HASH16_BYTES];
    TRY(rng_bytes(bytes, DEVICE_BYTES));
    device_mac(h, login, bytes, bytes + DEVICE_BYTES);
    struct buf b = {
        .ptr = ret_text, .size = DEVICE_TEXT_BYTES - 1, .cap_bytes = DEVICE_TEXT_BYTES - 1};
    buf_hex(&b, bytes, sizeof bytes);
    ret_text[DEVICE_TEXT_BYTES - 1] = '\0';
    return ERR_OK;
}

/* The cookie itself when it is ours and for this login, "" otherwise. */
static struct str known_device(const struct house *h, struct str login, struct str cookie)
{
    unsigned char bytes[DEVICE_BYTES + HASH16_BYTES];
    uint8_t want[HASH16_BYTES];
    if (!str_from_hex(cookie, bytes, sizeof bytes))
        return STR("");
    device_mac(h, login, bytes, want);
    return crypt_equal(want, bytes + DEVICE_BYTES, sizeof want) ? cookie : STR("");
}

/* ---- the attempt ---------------------------------------------------------------------------- */

/* A hash of nobody's password, for logins that do not exist: they take as long. */
static char nobody[PASSHASH_BYTES];
static pthread_once_t nobody_once = PTHREAD_ONCE_INIT;

static void make_nobody(void)
{
    unsigned char bytes[32];
    if (rng_bytes(bytes, sizeof bytes) != ERR_OK ||
        crypt_passhash(str_make(bytes, sizeof bytes), PASS_OPS, PASS_MEM_BYTES, nobody) != ERR_OK)
        nobody[0] = '\0';
}

enum err people_passhash(struct str password, char ret_text[PASSHASH_BYTES])
{
    return crypt_passhash(password, PASS_OPS, PASS_MEM_BYTES, ret_text);
}

/* The second factor: six digits of the clock, or one of the ten. */
static bool check_second(const struct house *h, struct arena *a,
                         const struct account_by_login_row *row, struct str typed, int64_t now_us,
                         struct passed *ret_passed)
{
    unsigned char seed[TOTP_SEED_BYTES] = {0};
    char code[RECOVERY_CHARS];
    CLEANUP(buf_done) struct buf digits;
    buf_init(&digits, 256);
    words_ascii_digits(str_sub(typed, 0, 60), &digits);
    bool has_seed = account_open_seed(h, row->id, row->totp, seed);
    char six[TOTP_DIGITS + 1];
    size_t n = 0;
    for (size_t i = 0; i < digits.len && n <= TOTP_DIGITS; i++) {
        if (digits.ptr[i] != ' ')
            six[n++] = digits.ptr[i];
    }
    ret_passed->step = totp_match(seed, str_make(six, n > TOTP_DIGITS ? 0 : n),
                                  totp_step_of(now_us), row->totp_step);
    crypt_wipe(seed, sizeof seed);
    if (has_seed && ret_passed->step >= 0)
        return true;
    ret_passed->step = -1;
    ret_passed->recovery_before = row->recovery;
    return tidy_recovery(buf_view(&digits), code) &&
           take_recovery(h, a, row->id, str_make(code, sizeof code), row->recovery,
                         &ret_passed->recovery_after);
}

enum err account_try(const struct house *h, struct db *db, struct arena *a, const struct attempt *t,
                     int64_t now_us, struct err_info *info, struct passed *ret_passed)
{
    struct account_by_login_row row = {.passhash = STR("")};
    struct str device = known_device(h, t->login, t->device);
    pthread_once(&nobody_once, make_nobody);
    if (!throttle_may(t->login, device, now_us))
        return err_set(info, ERR_REFUSED, "people.sign_in.wrong", "too many tries");
    enum err err = account_by_login(db, a, t->login, &row);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    bool usable = err == ERR_OK && row.active && row.passhash.len > 0;
    const char *hash = usable ? str_c(a, row.passhash) : nobody;
    if (hash == NULL)
        return ERR_NOMEM;
    struct passed p = {.officer = row.id, .passhash = row.passhash, .step = -1};
    bool password_ok = crypt_passhash_check(hash, t->password);
    bool second_ok = check_second(h, a, &row, t->second, now_us, &p);
    if (!usable || !password_ok || !second_ok) {
        throttle_failed(t->login, device, now_us);
        return err_set(info, ERR_REFUSED, "people.sign_in.wrong", "sign-in refused");
    }
    throttle_passed(t->login, device);
    *ret_passed = p;
    return ERR_OK;
}

enum err account_enter(struct tx *tx, const struct passed *p)
{
    int64_t changed = 0;
    if (p->step >= 0)
        TRY(account_use_step(tx->db, p->officer, p->passhash, p->step, &changed));
    else
        TRY(account_use_recovery(tx->db, p->officer, p->passhash, p->recovery_before,
                                 p->recovery_after, &changed));
    if (changed == 0)
        return err_set(tx->info, ERR_REFUSED, "people.sign_in.wrong", "second factor used twice");
    return ERR_OK;
}

bool account_login_is_valid(struct str login)
{
    if (login.len < LOGIN_MIN || login.len > LOGIN_MAX || login.ptr[0] < 'a' || login.ptr[0] > 'z')
        return false;
    for (size_t i = 0; i < login.len; i++) {
        char c = login.ptr[i];
        bool ok =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        if (!ok)
            return false;
    }
    return true;
}
