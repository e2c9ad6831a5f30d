/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What an administrator sets up about offices and staff, through the server. */
#include "base/instant.h"
#include "base/mem.h"
#include "db/readers.h"
#include "db/writer.h"
#include "door.h"
#include "matter/use.h"
#include "spine/office.h"

#define SCHOOL "/admin/office/town.school"

static struct browser admin;

/* ---- what the house says -------------------------------------------------------------------- */

/* The code of the office a matter would go to first. */
static const char *first_office(const char *kind, const char *place)
{
    static char code[64];
    const struct matter_raise raise = {
        .command = {.what = DO_RAISE, .body = {.kind = str_of(kind), .place = str_of(place)}},
        .who = WHO_PERSON};
    struct matter_first first = {.people = 0};
    struct err_info info = {0};
    struct db *db = NULL;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    assert_int_equal(readers_take(house->readers, &db, &info), ERR_OK);
    enum err err = matter_first_office(db, &a, house, &raise, instant_now(), &first);
    readers_give(house->readers, db);
    const struct office *o = office_find(house_tree(house), first.office);
    (void)snprintf(code, sizeof code, STR_FMT, STR_ARG(o == NULL ? STR("nobody") : o->code));
    return err == ERR_OK ? code : "nobody";
}

static enum err raise_job(struct tx *tx, void *ctx)
{
    struct matter_done *done = ctx;
    const struct matter_raise raise = {
        .command = {.what = DO_RAISE,
                    .body = {.kind = STR("help"),
                             .lang = STR("en"),
                             .title = STR("Stairs at gate 4"),
                             .text = STR("The stairs at gate 4 have had no light since Monday."),
                             .channel = CHANNEL_WEB,
                             .identity = IDENTITY_ANONYMOUS}},
        .who = WHO_PERSON};
    return matter_raise(tx, &raise, done);
}

/* Signed in less than five minutes ago: changes ask for that. */
static void act(const char *page, const char *action, const char *fields, int status)
{
    char path[160];
    tick(60);
    sign_in(&admin, "admin", ADMIN_SENT, code_now(admin_seed));
    (void)snprintf(path, sizeof path, "%s/%s", page, action);
    send_form(&admin, page, path, fields);
    if (r.status != status)
        fail_msg("%s %s: %d\n" STR_FMT, path, fields, r.status, STR_ARG(r.body));
}

static int open_with_admin(void **state)
{
    int failed = door_open(state);
    if (failed != 0)
        return failed;
    enrol(clerk.invite, ADMIN_SENT, admin_seed);
    admin_in(&admin);
    send_form(&admin, "/admin", "/admin/offices",
              "code=town.school&parent=house&name_en=School&name_zh=%E5%AD%A6%E6%A0%A1");
    assert_int_equal(r.status, 303);
    /* Somebody must be there to read what comes in. */
    send_form(&admin, "/admin/officer/wang", "/admin/officer/wang/post",
              "office=town.school&post=handler&from=2026-01-01&to=");
    assert_int_equal(r.status, 303);
    return 0;
}

/* ---- one office ----------------------------------------------------------------------------- */

static void an_office_has_a_page_for_administrators(void **state)
{
    (void)state;
    struct browser b = {0};
    go(&admin, SCHOOL);
    assert_int_equal(r.status, 200);
    assert_true(answer_has(&r, "Nothing of its own"));
    go(&admin, "/admin");
    assert_true(answer_has(&r, "href=\"" SCHOOL "\""));
    assert_true(answer_has(&r, "every kind, everywhere"));
    go(&admin, "/admin/office/town.nothing");
    assert_int_equal(r.status, 404);
    tick(60);
    sign_in(&b, "wang", PASSWORD_SENT, code_now(clerk.seed));
    assert_int_equal(r.status, 303);
    go(&b, SCHOOL);
    assert_int_equal(r.status, 404);
}

static void details_are_changed_and_faults_keep_what_was_typed(void **state)
{
    (void)state;
    act(SCHOOL, "details",
        "name_en=Middle+school&name_zh=%E4%B8%AD%E5%AD%A6&place=Hill&phone=12345&address=1+Hill+St"
        "&hours_en=8-17&hours_zh=8-17&in_use=1",
        303);
    go(&admin, SCHOOL);
    assert_true(answer_has(&r, "value=\"Middle school\""));
    assert_true(answer_has(&r, "value=\"12345\""));
    check_str(office_find_code(house_tree(house), STR("town.school"))->name_en, "Middle school");
    assert_int_equal(told("type office.changed"), 1);
    act(SCHOOL, "details", "name_en=&name_zh=%E4%B8%AD%E5%AD%A6&phone=999&in_use=1", 422);
    assert_true(answer_has(&r, "value=\"999\""));
    assert_true(answer_has(&r, "aria-invalid"));
    check_str(office_find_code(house_tree(house), STR("town.school"))->phone, "12345");
    assert_int_equal(told("type office.changed"), 1);
    /* Five minutes later a change asks for password and second factor again. */
    tick(6 * 60);
    send_form(&admin, SCHOOL, SCHOOL "/remit", "kind=&where=Hill");
    assert_int_equal(r.status, 401);
}

static void what_an_office_answers_for_decides_where_matters_go(void **state)
{
    (void)state;
    assert_string_equal(first_office("help", ""), "house");
    act(SCHOOL, "remit", "kind=help&where=", 303);
    assert_string_equal(first_office("help", ""), "town.school");
    assert_string_equal(first_office("complaint", ""), "house");
    assert_int_equal(told("attr place *"), 1);
    go(&admin, "/admin");
    assert_true(answer_has(&r, ", everywhere</td>"));
    act(SCHOOL, "remit-end", "kind=help&where=", 303);
    assert_string_equal(first_office("help", ""), "house");
    act(SCHOOL, "remit", "kind=&where=Hill", 303);
    assert_string_equal(first_office("complaint", "Hill"), "town.school");
    assert_string_equal(first_office("complaint", "Valley"), "house");
    assert_int_equal(told("type office.remit_added"), 2);
    assert_int_equal(told("type office.remit_ended"), 1);
}

static void remits_that_say_nothing_are_refused(void **state)
{
    (void)state;
    act(SCHOOL, "remit", "kind=dragons&where=", 422);
    assert_true(answer_has(&r, "no such kind"));
    act(SCHOOL, "remit", "kind=help&where=Hill", 303);
    act(SCHOOL, "remit", "kind=help&where=Hill", 422);
    assert_true(answer_has(&r, "answers for that already"));
    act(SCHOOL, "remit-end", "kind=help&where=Hill", 303);
    send_form(&admin, SCHOOL, SCHOOL "/remit-end", "kind=help&where=Hill");
    assert_int_equal(r.status, 422);
    assert_true(answer_has(&r, "any more"));
}

static void somebody_always_answers_for_everything(void **state)
{
    (void)state;
    act("/admin/office/house", "remit-end", "kind=&where=", 422);
    assert_true(answer_has(&r, "Let another office answer for everything first"));
    go(&admin, "/admin/office/house?lang=zh-CN");
    assert_true(answer_has(&r, "各类事项"));
    go(&admin, "/admin/office/house?lang=en");
    act("/admin/office/town.desk", "remit", "kind=&where=", 303);
    act("/admin/office/house", "remit-end", "kind=&where=", 303);
    assert_string_equal(first_office("complaint", ""), "town.desk");
    /* Now that one is the last, and can neither lose it nor go out of use. */
    act("/admin/office/town.desk", "remit-end", "kind=&where=", 422);
    act("/admin/office/town.desk", "details", "name_en=Front+desk&name_zh=%E7%AA%97%E5%8F%A3", 422);
    assert_true(answer_has(&r, "Let another office answer for everything first"));
    act("/admin/office/house", "remit", "kind=&where=", 303);
    act("/admin/office/town.desk", "remit-end", "kind=&where=", 303);
}

static void an_office_that_owes_something_stays_in_use(void **state)
{
    (void)state;
    struct matter_done done;
    struct err_info info = {0};
    act(SCHOOL, "remit", "kind=help&where=", 303);
    assert_int_equal(writer_call(house->writer, raise_job, &done, &info), ERR_OK);
    act(SCHOOL, "details", "name_en=School&name_zh=%E5%AD%A6%E6%A0%A1", 422);
    assert_true(answer_has(&r, "In 1 matter this office still owes something."));
    assert_true(answer_has(&r, "hand them over first"));
    assert_true(office_find_code(house_tree(house), STR("town.school"))->active);
    act("/admin/office/house", "details", "name_en=House&name_zh=House", 422);
    assert_true(answer_has(&r, "at the top stays in use"));
    /* The desk owes nothing. What went out of use gets nothing new and can come back. */
    act("/admin/office/town.desk", "remit", "kind=complaint&where=", 303);
    assert_string_equal(first_office("complaint", ""), "town.desk");
    act("/admin/office/town.desk", "details", "name_en=Desk&name_zh=%E7%AA%97%E5%8F%A3", 303);
    assert_int_equal(told("attr use out"), 1);
    assert_string_equal(first_office("complaint", ""), "house");
    go(&admin, "/admin");
    assert_true(answer_has(&r, "out of use"));
    act("/admin/office/town.desk", "details", "name_en=Desk&name_zh=%E7%AA%97%E5%8F%A3&in_use=1",
        303);
    assert_string_equal(first_office("complaint", ""), "town.desk");
}

static void reports_of_wrongdoing_keep_an_end(void **state)
{
    (void)state;
    admin_in(&admin);
    send_form(&admin, "/admin", "/admin/offices",
              "code=district&parent=&name_en=District&name_zh=%E5%8C%BA&outside=1");
    assert_int_equal(r.status, 303);
    act("/admin/office/district", "details", "name_en=District&name_zh=%E5%8C%BA", 422);
    assert_true(answer_has(&r, "Add another one first"));
    send_form(&admin, "/admin", "/admin/offices",
              "code=county&parent=&name_en=County&name_zh=%E5%8E%BF&outside=1");
    assert_int_equal(r.status, 303);
    act("/admin/office/district", "details", "name_en=District&name_zh=%E5%8C%BA", 303);
}

/* ---- who leads whom ------------------------------------------------------------------------- */

#define WANG "/admin/officer/wang"

static void superiors_are_entered_and_removed(void **state)
{
    (void)state;
    admin_in(&admin);
    send_form(&admin, "/admin", "/admin/officers", "login=li.ming&name=Li+Ming&lang_of=en");
    assert_int_equal(r.status, 200);
    act(WANG, "lead", "subordinate=li.ming", 303);
    go(&admin, WANG);
    assert_true(answer_has(&r, "Remove Li Ming"));
    go(&admin, "/admin/officer/li.ming");
    assert_true(answer_has(&r, "Reports to:"));
    assert_int_equal(told("type officer.lead_set"), 1);
    act(WANG, "lead", "subordinate=li.ming", 422);
    assert_true(answer_has(&r, "entered already"));
    act("/admin/officer/li.ming", "lead", "subordinate=wang", 422);
    assert_true(answer_has(&r, "other way round"));
    act(WANG, "lead-end", "subordinate=li.ming", 303);
    go(&admin, WANG);
    assert_false(answer_has(&r, "Remove Li Ming"));
    assert_int_equal(told("type officer.lead_ended"), 1);
}

static void what_is_no_superior_is_refused(void **state)
{
    (void)state;
    act(WANG, "lead", "subordinate=wang", 422);
    assert_true(answer_has(&r, "Nobody leads"));
    act(WANG, "lead", "subordinate=nobody", 422);
    assert_true(answer_has(&r, "no such colleague"));
    act(WANG, "lead", "subordinate=", 422);
    assert_int_equal(told("type officer.lead_set"), 1);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(an_office_has_a_page_for_administrators),
    cmocka_unit_test(details_are_changed_and_faults_keep_what_was_typed),
    cmocka_unit_test(what_an_office_answers_for_decides_where_matters_go),
    cmocka_unit_test(remits_that_say_nothing_are_refused),
    cmocka_unit_test(somebody_always_answers_for_everything),
    cmocka_unit_test(an_office_that_owes_something_stays_in_use),
    cmocka_unit_test(reports_of_wrongdoing_keep_an_end),
    cmocka_unit_test(superiors_are_entered_and_removed),
    cmocka_unit_test(what_is_no_superior_is_refused),
};

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    (void)snprintf(door_packs, sizeof door_packs, "%s", argv[1]);
    return cmocka_run_group_tests(TESTS, open_with_admin, door_close);
}
