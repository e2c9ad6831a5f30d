/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reach/import_person.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "lib/text/words.h"

enum { HEAD_BYTES_MAX = 400 };

/* Parts of Chinese heads. */
static const char *const han_forbidden[] = {
    "身份证", "证件号", "证件类型", "民族",     "宗教",   "信仰",   "党派", "政治面貌", "户籍",
    "户口",   "婚姻",   "子女",     "家庭成员", "银行卡", "社保号", "护照", "人脸",     "指纹"};
static const char *const han_person[] = {
    "姓名",   "用户",   "名字",     "昵称",   "网名",   "网友",     "联系人", "联系方式",
    "电话",   "手机",   "邮箱",     "电邮",   "微信",   "账号",     "帐号",   "反映人",
    "信访人", "投诉人", "举报人",   "来电人", "来信人", "来访人",   "申请人", "申诉人",
    "诉求人", "留言人", "报告人",   "当事人", "住址",   "家庭地址", "性别",   "年龄",
    "出生",   "生日",   "工作单位", "职业",   "qq"};
/* Words of English heads. */
static const char *const forbidden[] = {"ssn",      "passport",   "ethnicity", "race",
                                        "religion", "political",  "marital",   "nationality",
                                        "iban",     "fingerprint"};
static const char *const person[] = {
    "person",    "people",    "customer",  "citizen",  "caller",     "complainant", "reporter",
    "requester", "requestor", "applicant", "resident", "petitioner", "user",        "username",
    "userid",    "contact",   "email",     "mail",     "phone",      "telephone",   "mobile",
    "cell",      "fullname",  "firstname", "lastname", "surname",    "forename",    "nickname",
    "gender",    "sex",       "age",       "birth",    "birthday",   "dob",         "submitter",
    "author",    "sender",    "wechat",    "employee", "victim",     "witness"};
static const char *const name_words[] = {"name", "names"};
static const char *const name_beside[] = {"first",  "last",   "full", "given",
                                          "family", "middle", "sur",  "maiden"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool is_one_of(struct str word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_c(word, list[i]))
            return true;
    return false;
}

static bool holds_one_of(struct str text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_find(text, str_of(list[i])) != SIZE_MAX)
            return true;
    return false;
}

/* "CustomerName" and "customer_name" as "customer name". */
static void put_words(struct str head, struct buf *out)
{
    bool was_small = false;
    for (size_t i = 0; i < head.len; i++) {
        const char c = head.ptr[i];
        const bool is_big = c >= 'A' && c <= 'Z';
        const bool is_small = c >= 'a' && c <= 'z';
        if (is_big && was_small)
            buf_char(out, ' ');
        buf_char(out, is_big ? (char)(c - 'A' + 'a') : is_small ? c : ' ');
        was_small = is_small;
    }
}

static enum import_person judge_words(struct str words)
{
    struct str rest = words, word;
    size_t count = 0, names = 0, beside = 0;
    enum import_person found = IMPORT_NO_PERSON;
    while (str_cut(&rest, ' ', &word)) {
        if (word.len == 0)
            continue;
        count++;
        names += is_one_of(word, name_words, COUNT(name_words));
        beside += is_one_of(word, name_beside, COUNT(name_beside));
        if (is_one_of(word, forbidden, COUNT(forbidden)))
            return IMPORT_FORBIDDEN;
        if (is_one_of(word, person, COUNT(person)))
            found = IMPORT_PERSON;
    }
    if (names > 0 && (beside > 0 || count == names))
        found = IMPORT_PERSON;
    if (str_find(words, STR("id number")) != SIZE_MAX ||
        str_find(words, STR("national id")) != SIZE_MAX)
        return IMPORT_FORBIDDEN;
    if (str_find(words, STR("home address")) != SIZE_MAX)
        found = IMPORT_PERSON;
    return found;
}

enum import_person import_person_of(struct str column)
{
    CLEANUP(buf_done) struct buf folded;
    CLEANUP(buf_done) struct buf words;
    buf_init(&folded, (size_t)HEAD_BYTES_MAX * 4);
    buf_init(&words, (size_t)HEAD_BYTES_MAX * 4);
    const struct str head = utf8_cut(column, HEAD_BYTES_MAX);
    if (words_fold(head, &folded) != ERR_OK)
        return IMPORT_PERSON;
    put_words(head, &words);
    if (buf_err(&words) != ERR_OK ||
        holds_one_of(buf_view(&folded), han_forbidden, COUNT(han_forbidden)))
        return IMPORT_FORBIDDEN;
    const enum import_person found = judge_words(buf_view(&words));
    if (found == IMPORT_NO_PERSON && holds_one_of(buf_view(&folded), han_person, COUNT(han_person)))
        return IMPORT_PERSON;
    return found;
}
