/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static void machine_read(char *to, size_t size)
{
    char line[256];
    char model[128] = "unknown processor";
    double load = 0;
    struct utsname u;
    FILE *f = fopen("/proc/cpuinfo", "re");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':') != NULL)
            (void)snprintf(model, sizeof model, "%.*s", (int)strcspn(strchr(line, ':') + 2, "\n"),
                           strchr(line, ':') + 2);
    if (f != NULL)
        (void)fclose(f);
    f = fopen("/proc/loadavg", "re");
    load = f != NULL && fgets(line, sizeof line, f) != NULL ? strtod(line, NULL) : -1;
    if (f != NULL)
        (void)fclose(f);
    (void)uname(&u);
    (void)snprintf(to, size, "%ld processors (%s), %ld MB, %s %s, load before the run %.2f",
                   sysconf(_SC_NPROCESSORS_ONLN), model,
                   sysconf(_SC_PHYS_PAGES) / 256 * (sysconf(_SC_PAGESIZE) / 4096), u.sysname,
                   u.release, load);
}

void report_begin(struct report *r, int64_t matters, int argc, char **argv)
{
    r->matters = matters;
    size_t at = 0;
    for (int i = 0; i < argc && at < sizeof r->command - 1; i++) {
        int n =
            snprintf(r->command + at, sizeof r->command - at, "%s%s", i == 0 ? "" : " ", argv[i]);
        at += n > 0 ? (size_t)n : 0;
    }
    machine_read(r->machine, sizeof r->machine);
}

static struct report_row *row_new(struct report *r, const char *what)
{
    static struct report_row spill;
    struct report_row *row = r->count < REPORT_ROWS_MAX ? &r->rows[r->count++] : &spill;
    *row = (struct report_row){.unit = "", .bar_unit = ""};
    (void)snprintf(row->what, sizeof row->what, "%s", what);
    return row;
}

static void show(const struct report_row *row)
{
    static const char *const WORDS[] = {"not measured", "MISSED", "", "reached"};
    char bar[64] = "";
    char measured[64] = "";
    if (row->verdict == 1 || row->verdict == -1)
        (void)snprintf(bar, sizeof bar, "%s %.3g %s", row->at_most ? "<=" : ">=", row->bar,
                       row->bar_unit);
    if (row->verdict != -2)
        (void)snprintf(measured, sizeof measured, "%.*f %s", row->measured < 10 ? 2 : 0,
                       row->measured, row->unit);
    (void)printf("%-58s %14s", row->what, measured);
    if (row->base > 0)
        (void)printf("  %8.2f", row->value);
    else
        (void)printf("  %8s", "");
    (void)printf("  %-24s %s%s%s\n", bar, WORDS[row->verdict + 2], row->note[0] == '\0' ? "" : ": ",
                 row->note);
    (void)fflush(stdout);
}

void report_fact(struct report *r, const char *what, double measured, const char *unit)
{
    struct report_row *row = row_new(r, what);
    row->measured = measured;
    row->unit = unit;
    show(row);
}

void report_ratio(struct report *r, const char *what, double measured, double base, double bar,
                  const char *of)
{
    struct report_row *row = row_new(r, what);
    row->measured = measured;
    row->unit = "/s";
    row->base = base;
    row->value = base > 0 ? measured / base : 0;
    row->bar = bar;
    row->bar_unit = of;
    row->verdict = row->value >= bar ? 1 : -1;
    show(row);
}

void report_most(struct report *r, const char *what, double measured, double bar, const char *unit)
{
    struct report_row *row = row_new(r, what);
    row->measured = row->value = measured;
    row->unit = row->bar_unit = unit;
    row->bar = bar;
    row->at_most = true;
    row->verdict = measured > 0 && measured <= bar ? 1 : -1;
    show(row);
}

void report_times(struct report *r, const char *what, double large, double small, double bar)
{
    struct report_row *row = row_new(r, what);
    row->measured = large;
    row->unit = "ms";
    row->base = small;
    row->value = small > 0 ? large / small : 0;
    row->bar = bar;
    row->bar_unit = "x the small one";
    row->at_most = true;
    row->verdict = small > 0 && row->value <= bar ? 1 : -1;
    show(row);
}

/* ---- rounds --------------------------------------------------------------------------------- */

static struct report_row *row_of_rounds(struct report *r, const char *what,
                                        const struct rounds *all, const char *unit)
{
    struct report_row *row = row_new(r, what);
    row->rounds = *all;
    row->measured = rounds_got(all);
    row->base = rounds_base(all);
    row->value = rounds_ratio(all);
    row->unit = unit;
    return row;
}

void report_rounds(struct report *r, const char *what, const struct rounds *all, const char *unit)
{
    show(row_of_rounds(r, what, all, unit));
}

void report_rounds_ratio(struct report *r, const char *what, const struct rounds *all, double bar,
                         const char *of)
{
    struct report_row *row = row_of_rounds(r, what, all, "/s");
    row->bar = bar;
    row->bar_unit = of;
    row->verdict = row->value >= bar ? 1 : -1;
    show(row);
}

void report_rounds_most(struct report *r, const char *what, const struct rounds *all, double bar,
                        const char *unit)
{
    struct report_row *row = row_of_rounds(r, what, all, unit);
    row->value = row->measured;
    row->bar = bar;
    row->bar_unit = unit;
    row->at_most = true;
    row->verdict = row->measured > 0 && row->measured <= bar ? 1 : -1;
    show(row);
}

void report_rounds_cost(struct report *r, const char *what, const struct rounds *all, double bar,
                        const char *of)
{
    struct report_row *row = row_of_rounds(r, what, all, "/s");
    row->value = row->value > 0 ? 100 * (1 / row->value - 1) : 0;
    row->bar = bar;
    row->bar_unit = of;
    row->at_most = true;
    row->verdict = all->count > 0 && row->base > 0 && row->value <= bar ? 1 : -1;
    show(row);
}

void report_note(struct report *r, const char *note)
{
    if (r->count == 0)
        return;
    struct report_row *row = &r->rows[r->count - 1];
    (void)snprintf(row->note, sizeof row->note, "%s", note);
    (void)printf("    %s\n", row->note);
    (void)fflush(stdout);
}

void report_skip(struct report *r, const char *what, const char *why)
{
    struct report_row *row = row_new(r, what);
    row->verdict = -2;
    (void)snprintf(row->note, sizeof row->note, "%s", why);
    show(row);
}

static void json_text(FILE *f, const char *text)
{
    (void)fputc('"', f);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            (void)fputc('\\', f);
        (void)fputc((unsigned char)*text < 0x20 ? ' ' : *text, f);
    }
    (void)fputc('"', f);
}

static void json_numbers(FILE *f, const char *name, const double *all, int count)
{
    (void)fprintf(f, ", \"%s\": [", name);
    for (int i = 0; i < count; i++)
        (void)fprintf(f, "%s%.6g", i == 0 ? "" : ", ", all[i]);
    (void)fputc(']', f);
}

static void json_rounds(FILE *f, const struct rounds *all)
{
    if (all->count == 0)
        return;
    json_numbers(f, "rounds", all->got, all->count);
    if (all->base[0] > 0)
        json_numbers(f, "base_rounds", all->base, all->count);
}

static bool write_json(const struct report *r, const char *path)
{
    FILE *f = fopen(path, "we");
    if (f == NULL)
        return false;
    (void)fprintf(f, "{\n  \"time\": %lld,\n  \"matters\": %" PRId64 ",\n  \"command\": ",
                  (long long)time(NULL), r->matters);
    json_text(f, r->command);
    (void)fputs(",\n  \"machine\": ", f);
    json_text(f, r->machine);
    (void)fputs(",\n  \"rows\": [", f);
    for (int i = 0; i < r->count; i++) {
        const struct report_row *row = &r->rows[i];
        (void)fputs(i == 0 ? "\n    {\"what\": " : ",\n    {\"what\": ", f);
        json_text(f, row->what);
        (void)fprintf(f, ", \"measured\": %.6g, \"unit\": ", row->measured);
        json_text(f, row->unit);
        (void)fprintf(f,
                      ", \"base\": %.6g, \"value\": %.6g, \"bar\": %.6g, \"verdict\": %d, "
                      "\"note\": ",
                      row->base, row->value, row->bar, row->verdict);
        json_text(f, row->note);
        json_rounds(f, &row->rounds);
        (void)fputc('}', f);
    }
    (void)fputs("\n  ]\n}\n", f);
    return fclose(f) == 0;
}

bool report_end(const struct report *r, const char *json_path)
{
    bool all = true;
    for (int i = 0; i < r->count; i++)
        all = all && r->rows[i].verdict >= 0;
    (void)printf(
        "\nmachine  %s\nmethod   %" PRId64
        " matters in the store; server and load generator in two processes on this machine over "
        "loopback; the raw limit writes the rows of real raises again by bare prepared statements "
        "into the same files with the same pragmas and checkpoints; what is compared is measured "
        "in "
        "turns and the ratio is the median of the rounds' ratios\n"
        "command  %s\nraw      %s\n",
        r->machine, r->matters, r->command, json_path);
    if (!write_json(r, json_path))
        return false;
    return all;
}
