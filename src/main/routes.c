/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/routes.h"

#include "base/mem.h"
#include "main/commands.h"
#include "matter/api.h"
#include "matter/desk.h"
#include "matter/person.h"
#include "sight/paper.h"
#include "spine/grant.h"
#include "spine/keys.h"
#include "spine/ref.h"

#include <stdio.h>

const struct route_span *routes_all(size_t *ret_count)
{
    static struct route_span spans[4];
    spans[0] = (struct route_span){PERSON_ROUTES, PERSON_ROUTE_COUNT};
    spans[1] = (struct route_span){DESK_ROUTES, DESK_ROUTE_COUNT};
    spans[2] = (struct route_span){PAPER_ROUTES, PAPER_ROUTE_COUNT};
    spans[3] = (struct route_span){MATTER_API_ROUTES, MATTER_API_ROUTE_COUNT};
    *ret_count = sizeof spans / sizeof *spans;
    return spans;
}

/* ---- who stands at the officers' doors ----------------------------------------------------------
 */

/* A bad reference, an absent dossier and a barred one are the same answer after the same work. */
static enum err auth_can(void *env, struct db *db, struct officer_id officer, struct str ref,
                         uint32_t verbs, int64_t now_us, struct dossier_id *ret_dossier)
{
    const struct house *h = env;
    struct dossier_id id = {0};
    uint32_t held = 0;
    if (!ref_parse(h->keys->k_id, ref, &id))
        id = (struct dossier_id){0};
    TRY(grant_verbs(db, officer, id, house_day(h, now_us), &held));
    if (id.v == 0 || (held & verbs) != verbs)
        return ERR_NOT_FOUND;
    *ret_dossier = id;
    return ERR_OK;
}

void auth_fill(const struct house *h, struct auth *ret_auth)
{
    *ret_auth = (struct auth){.env = (void *)(uintptr_t)h, .can = auth_can};
}

/* ---- the list
 * -------------------------------------------------------------------------------------- */

static void verbs_print(uint32_t verbs)
{
    if (verbs == 0)
        printf("-");
    if (verbs == ROUTE_VERB_OWN)
        printf("own");
    else if (verbs != 0)
        printf("%06x", (unsigned)verbs);
}

int cmd_routes(int argc, char **argv)
{
    (void)argv;
    if (argc != 1)
        return EXIT_USAGE;
    size_t count = 0;
    const struct route_span *spans = routes_all(&count);
    struct route_table *table = NULL;
    struct err_info info = {0};
    if (route_table_new(spans, count, &info, &table) != ERR_OK) {
        fprintf(stderr, "huiyin: %s\n", info.detail);
        return EXIT_WRONG;
    }
    const struct route *r = NULL;
    for (size_t i = 0; (r = route_table_at(table, i)) != NULL; i++) {
        printf("%-4s %-36s %-8s ", route_method_name(r->method), r->path, route_door_name(r->door));
        verbs_print(r->verb);
        printf(" %s %s %s\n", route_csrf_name(r->csrf), route_budget_name(r->budget),
               r->event == NULL ? "-" : r->event);
    }
    route_table_free(table);
    return EXIT_DONE;
}
