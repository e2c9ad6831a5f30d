/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pack_refused: words that no label may contain, in any spelling.
 *
 * A text is folded (NFKC, case), stripped of everything that is neither letter nor digit, and its
 * traditional characters are replaced by simplified ones. A Chinese word is then searched as it
 * is; a word of letters must also begin and end where a word of the text does, so that "rally" is
 * not found in "orally".
 *
 * File format: lines; '#' begins a comment; "[any TOPIC]" and "[question TOPIC]" begin a list of
 * words, one a line; "[traditional]" a list of pairs of characters, traditional then simplified,
 * separated by blanks.
 */
#include "spine/pack.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "lib/text/words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* packs/refused-words.*.txt, written down by tools/gen_text.py. */
extern const unsigned char REFUSED_WORDS[];
extern const size_t REFUSED_WORDS_LEN;

enum { WORDS_MAX = 4000, PAIRS_MAX = 1000, WORD_CHARS_MAX = 48, FILE_BYTES_MAX = 256 * 1024 };

struct refused_word {
    struct str text; /* as listed */
    struct str topic;
    enum pack_label where;
    int32_t *cp;
    size_t count;
    bool is_han;
};

struct pair {
    int32_t traditional;
    int32_t simplified;
};

struct pack_refused {
    struct arena *a;
    struct refused_word *word;
    size_t word_count;
    struct pair *pair;
    size_t pair_count;
};

/* ---- folding ----------------------------------------------------------------------------------
 */

struct folded {
    int32_t *cp;
    bool *begins; /* this character begins a word of the text */
    bool *ends;
    size_t count;
};

static void folded_done(struct folded *f)
{
    mem_free(f->cp);
    mem_free(f->begins);
    mem_free(f->ends);
}

static int32_t simplify(const struct pack_refused *r, int32_t cp)
{
    for (size_t i = 0; i < r->pair_count; i++) {
        if (r->pair[i].traditional == cp)
            return r->pair[i].simplified;
    }
    return cp;
}

static enum err fold(const struct pack_refused *r, struct str text, struct folded *ret)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1024 * 1024);
    TRY(words_fold(text, &b));
    TRY(buf_err(&b));
    struct folded f = {.cp = mem_new_array(b.len + 1, sizeof(*f.cp)),
                       .begins = mem_new_array(b.len + 1, sizeof(*f.begins)),
                       .ends = mem_new_array(b.len + 1, sizeof(*f.ends))};
    if (f.cp == NULL || f.begins == NULL || f.ends == NULL) {
        folded_done(&f);
        return ERR_NOMEM;
    }
    struct str s = buf_view(&b);
    bool inside = false;
    for (size_t at = 0; at < s.len;) {
        int32_t cp = utf8_next(s, &at);
        if (cp < 0 || !words_is_word(cp)) {
            if (f.count > 0)
                f.ends[f.count - 1] = true;
            inside = false;
            continue;
        }
        f.begins[f.count] = !inside;
        inside = true;
        f.cp[f.count++] = simplify(r, cp);
    }
    if (f.count > 0)
        f.ends[f.count - 1] = true;
    *ret = f;
    return ERR_OK;
}

/* ---- loading ------------------------------------------------------------------------------------
 */

struct section {
    enum pack_label where; /* UNSET: pairs of characters, or nothing yet */
    bool is_pairs;
    struct str topic;
};

static bool parse_section(struct arena *a, struct str line, struct section *ret)
{
    struct str inside = str_trim(str_sub(line, 1, line.len - 2));
    struct str where;
    if (str_eq_c(inside, "traditional")) {
        *ret = (struct section){.is_pairs = true};
        return true;
    }
    if (!str_cut(&inside, ' ', &where))
        return false;
    struct section s = {.topic = str_copy(a, str_trim(inside))};
    if (str_eq_c(where, "any"))
        s.where = PACK_LABEL_ANY;
    else if (str_eq_c(where, "question"))
        s.where = PACK_LABEL_QUESTION;
    if (s.where == PACK_LABEL_UNSET || s.topic.len == 0)
        return false;
    *ret = s;
    return true;
}

static bool parse_pairs(struct pack_refused *r, struct str line)
{
    struct str pair;
    while (str_cut(&line, ' ', &pair)) {
        size_t at = 0;
        if (pair.len == 0)
            continue;
        int32_t traditional = utf8_next(pair, &at);
        int32_t simplified = at < pair.len ? utf8_next(pair, &at) : -1;
        if (traditional < 0 || simplified < 0 || at != pair.len || r->pair_count == PAIRS_MAX)
            return false;
        r->pair[r->pair_count++] = (struct pair){traditional, simplified};
    }
    return true;
}

static enum err add_word(struct pack_refused *r, const struct section *s, struct str line)
{
    CLEANUP(folded_done) struct folded f = {0};
    TRY(fold(r, line, &f));
    if (f.count < 2 || f.count > WORD_CHARS_MAX)
        return ERR_INVALID;
    if (r->word_count == WORDS_MAX)
        return ERR_LIMIT;
    struct refused_word w = {.text = str_copy(r->a, line),
                             .topic = s->topic,
                             .where = s->where,
                             .cp = ARENA_ARRAY(r->a, f.count, int32_t),
                             .count = f.count,
                             .is_han = words_is_han(f.cp[0])};
    if (w.text.ptr == NULL || w.cp == NULL)
        return ERR_NOMEM;
    memcpy(w.cp, f.cp, f.count * sizeof(*f.cp));
    r->word[r->word_count++] = w;
    return ERR_OK;
}

static enum err parse_line(struct pack_refused *r, struct section *s, struct str line)
{
    if (line.len == 0 || line.ptr[0] == '#')
        return ERR_OK;
    if (line.ptr[0] == '[')
        return line.len > 2 && line.ptr[line.len - 1] == ']' && parse_section(r->a, line, s)
                   ? ERR_OK
                   : ERR_INVALID;
    if (s->is_pairs)
        return parse_pairs(r, line) ? ERR_OK : ERR_INVALID;
    if (s->where == PACK_LABEL_UNSET)
        return ERR_INVALID;
    return add_word(r, s, line);
}

static enum err parse_text(struct pack_refused *r, const char *file, struct str text,
                           struct err_info *info)
{
    struct section s = {0};
    struct str line;
    if (!utf8_is_valid(text))
        return err_set(info, ERR_INVALID, "pack.refused_file.utf8", "%s is not UTF-8", file);
    for (int number = 1; str_cut(&text, '\n', &line); number++) {
        enum err err = parse_line(r, &s, str_trim(line));
        if (err == ERR_NOMEM)
            return err;
        if (err != ERR_OK) {
            char text_number[16];
            snprintf(text_number, sizeof(text_number), "%d", number);
            (void)err_set(info, err, "pack.refused_file.line", "%s:%d", file, number);
            if (info != NULL) {
                err_arg(info, 0, file);
                err_arg(info, 1, text_number);
            }
            return err;
        }
    }
    return ERR_OK;
}

static enum err read_file(const char *path, struct buf *b, struct err_info *info)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(info, ERR_IO, NULL, "%s: %s", path, strerror(errno));
    char piece[8192];
    ssize_t n;
    while ((n = read(fd, piece, sizeof(piece))) > 0)
        buf_bytes(b, piece, (size_t)n);
    int failed = n < 0 ? errno : 0;
    close(fd);
    if (failed != 0)
        return err_set(info, ERR_IO, NULL, "%s: %s", path, strerror(failed));
    if (buf_err(b) != ERR_OK)
        return err_set(info, buf_err(b), NULL, "%s is too large", path);
    return ERR_OK;
}

static void close_dir(DIR **dir)
{
    if (*dir != NULL)
        closedir(*dir);
}

/* Adds the words of refused-words*.txt in the folder; a folder that is not there adds none. */
static enum err add_folder(struct pack_refused *r, const char *dir, struct err_info *info)
{
    CLEANUP(close_dir) DIR *d = opendir(dir);
    if (d == NULL)
        return ERR_OK;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        struct str name = str_of(e->d_name);
        if (!str_starts(name, STR("refused-words")) || !str_ends(name, STR(".txt")))
            continue;
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, FILE_BYTES_MAX);
        const char *path = arena_printf(r->a, "%s/%s", dir, e->d_name);
        if (path == NULL)
            return ERR_NOMEM;
        TRY(read_file(path, &b, info));
        TRY(parse_text(r, e->d_name, buf_view(&b), info));
    }
    return ERR_OK;
}

enum err pack_refused_load(struct arena *a, const char *dir, struct err_info *info,
                           const struct pack_refused **ret_refused)
{
    struct pack_refused *r = ARENA_NEW(a, struct pack_refused);
    if (r == NULL)
        return ERR_NOMEM;
    r->a = a;
    r->word = ARENA_ARRAY(a, WORDS_MAX, struct refused_word);
    r->pair = ARENA_ARRAY(a, PAIRS_MAX, struct pair);
    if (r->word == NULL || r->pair == NULL)
        return ERR_NOMEM;
    TRY(parse_text(r, "refused-words", str_make(REFUSED_WORDS, REFUSED_WORDS_LEN), info));
    if (dir != NULL)
        TRY(add_folder(r, dir, info));
    *ret_refused = r;
    return ERR_OK;
}

/* ---- looking
 * --------------------------------------------------------------------------------------- */

/* Whether the text's word ends at `at` (one past the match), a plural ending aside. */
static bool ends_at(const struct folded *f, size_t at)
{
    if (f->ends[at - 1])
        return true;
    if (at < f->count && f->cp[at] == 's' && f->ends[at])
        return true;
    return at + 1 < f->count && f->cp[at] == 'e' && f->cp[at + 1] == 's' && f->ends[at + 1];
}

static bool contains(const struct folded *f, const struct refused_word *w)
{
    for (size_t i = 0; i + w->count <= f->count; i++) {
        if (memcmp(f->cp + i, w->cp, w->count * sizeof(*w->cp)) != 0)
            continue;
        if (w->is_han || (f->begins[i] && ends_at(f, i + w->count)))
            return true;
    }
    return false;
}

bool pack_label_is_refused(const struct pack_refused *refused, enum pack_label where,
                           struct str label, struct str *ret_word, struct str *ret_topic)
{
    CLEANUP(folded_done) struct folded f = {0};
    if (fold(refused, label, &f) != ERR_OK) {
        /* What cannot be looked at is not let through. */
        *ret_word = STR("");
        *ret_topic = STR("unreadable");
        return true;
    }
    for (size_t i = 0; i < refused->word_count; i++) {
        const struct refused_word *w = &refused->word[i];
        if (w->where == PACK_LABEL_QUESTION && where != PACK_LABEL_QUESTION)
            continue;
        if (contains(&f, w)) {
            *ret_word = w->text;
            *ret_topic = w->topic;
            return true;
        }
    }
    return false;
}
