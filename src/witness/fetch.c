/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "witness/witness.h"

#include <curl/curl.h>

enum { TIMEOUT_S = 60 };

static size_t take(char *bytes, size_t one, size_t count, void *body)
{
    struct buf *b = body;
    buf_bytes(b, bytes, one * count);
    return buf_err(b) == ERR_OK ? one * count : 0; /* too long: curl ends it */
}

static CURL *begin(const struct errand *e, const char *path, struct buf *ret_body)
{
    const char *url = arena_printf(e->arena, "%s/%s", e->url, path);
    CURL *c = url == NULL ? NULL : curl_easy_init();
    if (c == NULL)
        return NULL;
    buf_clear(ret_body);
    (void)curl_easy_setopt(c, CURLOPT_URL, url);
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, ret_body);
    return c;
}

static long end(const struct errand *e, CURL *c)
{
    long status = 0;
    CURLcode code = curl_easy_perform(c);
    if (code == CURLE_OK)
        (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    else
        errand_say("%s does not answer: %s.", "%s 没有应答：%s。", e->url,
                   curl_easy_strerror(code));
    curl_easy_cleanup(c);
    return status;
}

enum err fetch(const struct errand *e, const char *path, struct buf *ret_body)
{
    CURL *c = begin(e, path, ret_body);
    if (c == NULL)
        return ERR_NOMEM;
    long status = end(e, c);
    if (status == 404)
        return ERR_NOT_FOUND;
    if (status != 200 && status != 0)
        errand_say("%s/%s answers with %ld.", "%s/%s 返回 %ld。", e->url, path, status);
    return status == 200 ? buf_err(ret_body) : ERR_IO;
}

long fetch_post(const struct errand *e, const char *path, struct str text, struct buf *ret_body)
{
    CURL *c = begin(e, path, ret_body);
    if (c == NULL)
        return 0;
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: text/plain; charset=utf-8");
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, text.ptr);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)text.len);
    long status = end(e, c);
    curl_slist_free_all(headers);
    return status;
}
