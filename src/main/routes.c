/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/routes.h"

#include "base/mem.h"
#include "main/commands.h"
#include "matter/api.h"
#include "matter/desk.h"
#include "matter/person.h"
#include "people/people.h"
#include "sight/paper.h"
#include "sight/public_log.h"
#include "spine/verb.h"

#include <stdio.h>

const struct route_span *routes_all(size_t *ret_count)
{
    static struct route_span spans[7];
    spans[0] = (struct route_span){PERSON_ROUTES, PERSON_ROUTE_COUNT};
    spans[1] = (struct route_span){DESK_ROUTES, DESK_ROUTE_COUNT};
    spans[2] = (struct route_span){PAPER_ROUTES, PAPER_ROUTE_COUNT};
    spans[3] = (struct route_span){MATTER_API_ROUTES, MATTER_API_ROUTE_COUNT};
    spans[4] = (struct route_span){PEOPLE_ROUTES, PEOPLE_ROUTE_COUNT};
    spans[5] = (struct route_span){PUBLIC_LOG_ROUTES, PUBLIC_LOG_ROUTE_COUNT};
    spans[6] = (struct route_span){DESK_SEARCH_ROUTES, DESK_SEARCH_ROUTE_COUNT};
    *ret_count = sizeof spans / sizeof *spans;
    return spans;
}

/* ---- the list
 * -------------------------------------------------------------------------------------- */

static void verbs_print(uint32_t verbs)
{
    const char *between = "";
    if (verbs == 0 || verbs == ROUTE_VERB_OWN) {
        printf("%s", verbs == 0 ? "-" : "own");
        return;
    }
    for (uint32_t verb = 1; verb <= VERB_ALL; verb <<= 1) {
        if ((verbs & verb) == 0)
            continue;
        printf("%s%s", between, verb_name(verb));
        between = ",";
    }
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
