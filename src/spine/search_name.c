/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * search_name: is a query only a personal name, and which part of a text could be one?
 *
 * Chinese: two to four characters that begin with a surname of the list, are no word of ICU's
 * dictionary, do not begin with one that reaches past the surname, and hold no character that
 * names do not have (of places, things, grammar). English: two or three words of letters, each
 * with a capital, the last a common surname.
 */
#include "base/mem.h"
#include "base/utf8.h"
#include "lib/text/words.h"
#include "spine/search_words.h"

static const char SURNAMES[] =
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
    "万钱严覃武戴莫孔向汤劉陳楊黃趙吳孫馬鄭謝許韓馮鄧蕭葉蘇魏呂盧鐘譚陸賈鄒閻龍賀顧龔錢嚴湯"
    "欧";
static const char DOUBLE_SURNAMES[] = "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 "
                                      "夏侯 歐陽 司馬 諸葛 東方 尉遲 公孫 夏侯";
/* Characters that stand in what happened and where, hardly in given names. */
static const char NOT_IN_NAMES[] =
    "不没有无的了是在未被吗吧呢啊这那什怎要求请问投诉举报建议路街巷村镇乡区县市省校院厂矿局所站楼桥"
    "河湖山庄园店铺场房屋水电气车费钱款税租补助保险病药疫火灾毒垃圾噪音污染施工拆迁征收学医"
    "公司单位工资土地户证号道段线口门家里上下前后中外东西南北沟渠堤坝田坡岗湾坊寺庙塔亭铁油煤"
    "机器材料质量服务态度时间办理规定政策法律执行处理解决";
static const char *const ENGLISH[] = {
    "smith",    "jones",    "taylor",   "brown",     "williams", "wilson",    "johnson", "davies",
    "robinson", "wright",   "thompson", "evans",     "walker",   "roberts",   "edwards", "hughes",
    "lewis",    "harris",   "clarke",   "patel",     "jackson",  "turner",    "cooper",  "morris",
    "martin",   "anderson", "morgan",   "harrison",  "campbell", "mitchell",  "davis",   "miller",
    "moore",    "thomas",   "garcia",   "rodriguez", "martinez", "hernandez", "lopez",   "gonzalez",
    "perez",    "sanchez",  "nguyen",   "khan",      "singh",    "ahmed",     "ali",     "hussain",
    "wang",     "zhang",    "liu",      "chen",      "yang",     "huang",     "zhao",    "zhou",
    "sun",      "zhu",      "guo",      "zheng",     "liang",    "xie",       "tang",    "deng"};

static bool holds(const char *list, int32_t cp)
{
    struct str s = str_of(list);
    for (size_t at = 0; at < s.len;) {
        if (utf8_next(s, &at) == cp)
            return true;
    }
    return false;
}

/* Bytes of the surname the text begins with; 0 for none. */
static size_t surname_len(struct str s)
{
    struct str doubles = str_of(DOUBLE_SURNAMES);
    struct str one;
    while (str_cut(&doubles, ' ', &one)) {
        if (one.len > 0 && str_starts(s, one) && s.len > one.len)
            return one.len;
    }
    size_t at = 0;
    return holds(SURNAMES, utf8_next(s, &at)) ? at : 0;
}

struct cut {
    size_t surname;
    const char *base;
    bool covers; /* a dictionary word reaches from the surname into the rest, or is all of it */
};

static enum err look_word(void *ctx, const struct words_word *w)
{
    struct cut *c = ctx;
    size_t from = (size_t)(w->text.ptr - c->base);
    c->covers = c->covers || (w->chars > 1 && from < c->surname && from + w->text.len > c->surname);
    return ERR_OK;
}

static bool is_han_name(struct str s)
{
    size_t chars = utf8_count(s);
    size_t surname = surname_len(s);
    if (surname == 0 || chars < 2 || chars > 4 || (chars == 4 && surname < 6))
        return false;
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        int32_t cp = utf8_next(s, &at);
        if (cp < 0 || !words_is_han(cp) || (from >= surname && holds(NOT_IN_NAMES, cp)))
            return false;
    }
    struct cut c = {.surname = surname, .base = s.ptr};
    return words_each(s, look_word, &c) != ERR_OK || !c.covers;
}

static bool is_english_name(struct str s)
{
    int count = 0;
    struct str word;
    struct str last = STR_NULL;
    while (str_cut(&s, ' ', &word)) {
        if (word.len == 0)
            continue;
        if (word.ptr[0] < 'A' || word.ptr[0] > 'Z')
            return false;
        last = word;
        count++;
    }
    if (count < 2 || count > 3)
        return false;
    CLEANUP(buf_done) struct buf folded;
    buf_init(&folded, 4096);
    if (words_fold(last, &folded) != ERR_OK)
        return true;
    for (size_t i = 0; i < sizeof(ENGLISH) / sizeof(ENGLISH[0]); i++) {
        if (str_eq_c(buf_view(&folded), ENGLISH[i]))
            return true;
    }
    return false;
}

bool search_is_name(struct str words)
{
    /* Blanks, marks and invisible characters between the characters do not make it another name. */
    CLEANUP(buf_done) struct buf squeezed;
    buf_init(&squeezed, 64 * 1024);
    for (size_t at = 0; at < words.len;) {
        int32_t cp = utf8_next(words, &at);
        if (cp >= 0 && words_is_word(cp))
            utf8_put(&squeezed, cp);
    }
    if (buf_err(&squeezed) != ERR_OK)
        return true;
    return is_han_name(buf_view(&squeezed)) || is_english_name(words);
}

/* ---- in a text ------------------------------------------------------------------------------ */

/* Bytes of a name that begins here, longest first; 0 for none. */
static size_t han_name_at(struct str s)
{
    size_t ends[5] = {0};
    size_t chars = 0;
    for (size_t at = 0; at < s.len && chars < 4;) {
        if (!words_is_han(utf8_next(s, &at)))
            break;
        ends[++chars] = at;
    }
    for (; chars >= 2; chars--) {
        if (is_han_name(str_sub(s, 0, ends[chars])))
            return ends[chars];
    }
    return 0;
}

static bool is_ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t letters_at(struct str s)
{
    size_t n = 0;
    while (n < s.len && is_ascii_letter(s.ptr[n]))
        n++;
    return n;
}

static bool is_english_surname(struct str word)
{
    char low[16];
    if (word.len >= sizeof low)
        return false;
    for (size_t i = 0; i < word.len; i++)
        low[i] = (char)(word.ptr[i] | 0x20);
    for (size_t i = 0; i < sizeof(ENGLISH) / sizeof(ENGLISH[0]); i++) {
        if (str_eq_c(str_make(low, word.len), ENGLISH[i]))
            return true;
    }
    return false;
}

/* A word, or a first name and the surname behind it. */
static size_t english_name_at(struct str s)
{
    size_t first = letters_at(s);
    struct str rest = str_sub(s, first, s.len);
    if (is_english_surname(str_sub(s, 0, first)))
        return first;
    size_t blanks = 0;
    while (blanks < rest.len && (rest.ptr[blanks] == ' ' || rest.ptr[blanks] == '.'))
        blanks++;
    size_t second = letters_at(str_sub(rest, blanks, rest.len));
    if (blanks > 0 && is_english_surname(str_sub(rest, blanks, second)))
        return first + blanks + second;
    return 0;
}

enum err search_hide_names(struct str text, struct buf *b)
{
    for (size_t at = 0; at < text.len;) {
        struct str rest = str_sub(text, at, text.len);
        size_t letters = letters_at(rest);
        size_t name = letters > 0 ? english_name_at(rest) : han_name_at(rest);
        size_t one = 0;
        (void)utf8_next(rest, &one);
        size_t step = name > 0 ? name : letters > 0 ? letters : one;
        if (name > 0)
            utf8_put(b, 0x25a2);
        else
            buf_str(b, str_sub(rest, 0, step));
        at += step;
    }
    return buf_err(b);
}
